#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "podium/report.h"
#include "report/figures.h"
#include "report/json_reader.h"
#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Accuracy top_1(double value, std::optional<double> drop) {
  Accuracy accuracy;
  accuracy.metric = "top-1";
  accuracy.value = value;
  accuracy.ci95 = Interval{value - 0.1, value + 0.1};
  accuracy.drop = drop;
  accuracy.n = 20;
  return accuracy;
}

Results judged_results() {
  Results results = sample_results();
  for (Cell& cell : results.cells) {
    if (cell.is_baseline) cell.accuracy = top_1(0.9, {});
    if (cell.backend == "openvino" && cell.latency_ms) {
      cell.accuracy = top_1(0.85, 0.05);
      cell.accuracy->baseline = 0.9;
      cell.accuracy->drop_bounds = Interval{-0.08, 0.22};
      cell.accuracy->lost = 1;
      cell.accuracy->gained = 0;
      cell.accuracy->test = "McNemar, exact";
      cell.accuracy->p_value = 1.0;
      cell.accuracy->max_drop = 0.01;
      cell.accuracy->verdict = DropVerdict::undecided;
      cell.accuracy->reason = "20 samples are too few to tell";
    }
  }
  return results;
}

TEST(AccuracyFigure, ShowsSharesAsPercentAndTheDropBehindThem) {
  EXPECT_EQ(accuracy_figure(top_1(0.85, 0.05)), "top-1 85.0% (-5.0)");
  EXPECT_EQ(accuracy_figure(top_1(0.85, -0.05)), "top-1 85.0% (+5.0)");
  EXPECT_EQ(accuracy_figure(top_1(0.85, 0.0)), "top-1 85.0%");
  EXPECT_EQ(accuracy_figure(top_1(0.9, {})), "top-1 90.0%");
  Accuracy mae = top_1(0.25, 0.0125);
  mae.metric = "mae";
  mae.verdict = DropVerdict::undecided;
  EXPECT_EQ(accuracy_figure(mae), "mae 0.2500 (-0.01250) ?");
  mae.value.reset();
  EXPECT_EQ(accuracy_figure(mae), "mae identical");
}

TEST(AccuracyColumn, IsThereOnlyWhereAccuracyWasJudged) {
  constexpr TableStyle wide{false, true, 160};
  EXPECT_THAT(to_table(sample_results(), wide), Not(HasSubstr("accuracy")));
  EXPECT_THAT(to_markdown(sample_results()), Not(HasSubstr("| accuracy |")));
  EXPECT_THAT(to_table(judged_results(), wide), HasSubstr("top-1 85.0% (-5.0) ?"));
  EXPECT_THAT(to_markdown(judged_results()), HasSubstr("| accuracy |"));
}

TEST(AccuracyNotes, SayWhatTheBaselineHasAndWhoIsUndecided) {
  constexpr TableStyle wide{false, true, 200};
  const std::string text = to_table(judged_results(), wide);
  EXPECT_THAT(text, HasSubstr("top-1 of 20 samples: the baseline has 90.0% (95 %: 80.0% to 100.0%)"));
  EXPECT_THAT(text, HasSubstr("20 samples are too few to tell"));
}

TEST(AccuracyInTheResultsFile, ComesBackAsItWasWritten) {
  const std::string text = to_json(judged_results());
  const Results read = parse_results(text, "it").value();
  EXPECT_EQ(to_json(read), text);
  const auto baseline = std::find_if(read.cells.begin(), read.cells.end(), [](const Cell& cell) { return cell.is_baseline; });
  EXPECT_EQ(baseline->accuracy->value, 0.9);
}

TEST(AccuracyInTheResultsFile, NeedsAVerdictThatIsKnown) {
  std::string text = to_json(judged_results());
  text.replace(text.find("\"undecided\""), 11, "\"perhaps\"");
  const auto read = parse_results(text, "it");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("accuracy.verdict"));
}

TEST(AccuracyInCsv, HasItsColumns) {
  EXPECT_THAT(to_csv(judged_results()), HasSubstr("top-1,0.85,"));
  EXPECT_THAT(to_csv(judged_results()), HasSubstr(",undecided,"));
}

}  // namespace
}  // namespace podium::report::test
