#include "report/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

Results run_of(std::vector<Cell> cells) {
  Results results;
  results.cells = std::move(cells);
  return results;
}

Cell baseline() {
  Cell cell = measured_cell("torch-eager", Precision::fp32, 1, 54.8);
  cell.is_baseline = true;
  return cell;
}

Cell winner() {
  Cell cell = measured_cell("openvino", Precision::int8_static, 1, 8.0);
  cell.rank = 1;
  return cell;
}

TEST(Verdict, NamesTheWinnerTheBaselineTheFactorAndTheTies) {
  const auto verdicts = verdicts_of(sample_results());
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].sentence,
            "openvino bf16 is 2.31× faster than torch-eager fp32 at batch 1; its answers agree with the baseline's (41 dB); "
            "tied with onnxruntime fp32.");
  EXPECT_EQ(verdicts[0].figures, "23.71 ms for one call; 95 %: 2.29× to 2.33× as fast as the baseline");
  EXPECT_EQ(verdicts[1].batch, 8);
}

TEST(Verdict, TellsTheDropInPoints) {
  Cell cell = winner();
  cell.accuracy = Accuracy{};
  cell.accuracy->metric = "top-1";
  cell.accuracy->value = 0.85;
  cell.accuracy->drop = 0.004;
  cell.accuracy->n = 500;
  EXPECT_THAT(verdicts_of(run_of({cell, baseline()}))[0].sentence, testing::HasSubstr("; top-1 drops by 0.4 points on 500 samples."));
  cell.accuracy->drop = -0.01;
  EXPECT_THAT(verdicts_of(run_of({cell, baseline()}))[0].sentence, testing::HasSubstr("; top-1 rises by 1.0 points on 500 samples."));
}

TEST(Verdict, OfABaselineThatNothingBeatsSaysSo) {
  Cell cell = baseline();
  cell.rank = 1;
  EXPECT_EQ(verdicts_of(run_of({cell}))[0].sentence, "torch-eager fp32, the baseline itself, is the fastest at batch 1.");
}

TEST(Verdict, WithoutARankedCellThereIsNoWinner) {
  Cell cell = winner();
  cell.rank.reset();
  cell.status = CellStatus::failed;
  const auto verdict = verdicts_of(run_of({cell}))[0];
  EXPECT_FALSE(verdict.has_winner);
  EXPECT_EQ(verdict.sentence, "No ranking at batch 1: no cell was measured to its end.");
}

TEST(Verdict, OfABatchSizeThatWasStoppedNamesNoWinner) {
  Cell beaten_early = winner();
  beaten_early.rank.reset();
  Cell contender = baseline();
  contender.status = CellStatus::partial;
  const auto verdict = verdicts_of(run_of({beaten_early, contender}))[0];
  EXPECT_FALSE(verdict.has_winner);
  EXPECT_EQ(verdict.sentence, "No ranking at batch 1: the run was stopped before it was done.");
}

TEST(Verdict, IsDoubtfulWhereAnswersCannotBeJudged) {
  Cell cell = winner();
  EXPECT_FALSE(verdicts_of(run_of({cell, baseline()}))[0].is_doubtful);
  cell.output_error.verdict = Verdict::cannot_judge;
  EXPECT_TRUE(verdicts_of(run_of({cell, baseline()}))[0].is_doubtful);
}

TEST(Verdict, NamesTheBaselineOnceWhereTheWinnerIsOnlyAsFast) {
  Cell cell = winner();
  cell.ratio_to_baseline = Ratio{0.97, Interval{0.9, 1.05}, 3};
  Cell other = measured_cell("onnxruntime", Precision::fp32, 1, 8.1);
  cell.tied_with = {baseline().id, other.id};
  const auto verdict = verdicts_of(run_of({cell, other, baseline()}))[0];
  EXPECT_THAT(verdict.sentence, testing::StartsWith("openvino int8-static is as fast as torch-eager fp32 at batch 1;"));
  EXPECT_THAT(verdict.sentence, testing::EndsWith("tied with onnxruntime fp32."));
}

TEST(Verdict, NamesThreeTiesAndCountsTheOthers) {
  Cell cell = winner();
  std::vector<Cell> cells{baseline()};
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    cells.push_back(measured_cell(name, Precision::fp32, 1, 8.01));
    cell.tied_with.push_back(cells.back().id);
  }
  cells.push_back(cell);
  EXPECT_THAT(verdicts_of(run_of(cells))[0].sentence, testing::EndsWith("tied with a fp32, b fp32, c fp32 and 2 more."));
}

}  // namespace
}  // namespace podium::report::test
