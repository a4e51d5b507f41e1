#include "accuracy/scores.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::accuracy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

std::vector<Row> rows(std::initializer_list<std::vector<float>> outputs) {
  std::vector<Row> all;
  for (const std::vector<float>& output : outputs) all.push_back({output});
  return all;
}

Result<Scores> scored(MetricKind kind, const std::vector<Row>& answers, const std::vector<Row>& baseline, const Labels& labels = {}) {
  return score({{kind, {}}, answers, baseline, &labels, {}});
}

Labels classes(std::vector<float> values) {
  return {std::move(values), 1, true, "labels.csv"};
}

TEST(TopK, CountsTheLabelAmongTheHighestScores) {
  const auto answers = rows({{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1, 0}, {1, 1, 0, 0, 0, 0, 0}});
  EXPECT_THAT(scored(MetricKind::top_1, answers, answers, classes({6, 1, 1}))->hits, ElementsAre(true, false, false))
      << "of equal scores the first is the answer";
  EXPECT_THAT(scored(MetricKind::top_5, answers, answers, classes({1, 4, 1}))->hits, ElementsAre(false, true, true));
  EXPECT_NEAR(scored(MetricKind::top_5, answers, answers, classes({1, 4, 1}))->whole, 2.0 / 3.0, 1e-12);
}

TEST(TopK, NeverTakesAValueThatIsNoNumberForAnAnswer) {
  const auto answers = rows({{no_number, 1}, {1, no_number}});
  EXPECT_THAT(scored(MetricKind::top_1, answers, answers, classes({0, 0}))->hits, ElementsAre(false, true));
}

TEST(TopK, RefusesALabelBeyondTheClassesAndAnOutputThatIsNone) {
  const auto answers = rows({{0, 1, 2}});
  EXPECT_THAT(scored(MetricKind::top_1, answers, answers, classes({3})).error().message, HasSubstr("a label is 3, and the model tells 3"));
  EXPECT_THAT(scored(MetricKind::top_1, rows({{1}}), rows({{1}}), classes({0})).error().message, HasSubstr("1 values a sample"));
}

TEST(Agreement, IsOfTheHighestScore) {
  const auto baseline = rows({{0, 1}, {1, 0}, {0, 1}});
  const auto answers = rows({{0, 9}, {1, 2}, {no_number, 1}});
  EXPECT_THAT(agreements(baseline, answers).value(), ElementsAre(true, false, true));
  EXPECT_THAT(agreements(rows({{1}}), rows({{1}})).error().message, HasSubstr("1 values a sample"));
}

TEST(Cosine, IsMeanedOverSamplesByTheirWorstOutput) {
  const std::vector<Row> baseline{{{1, 0}, {1, 1}}, {{0, 2}, {3, 3}}};
  const std::vector<Row> answers{{{1, 0}, {1, 0}}, {{0, 2}, {3, 3}}};
  EXPECT_NEAR(scored(MetricKind::cosine, answers, baseline)->whole, (std::sqrt(0.5) + 1.0) / 2.0, 1e-12);
}

TEST(Sqnr, IsOfTheSignalThatTheMeanOutputLeaves) {
  const auto baseline = rows({{101, 99}, {99, 101}});
  const auto answers = rows({{101.1F, 99}, {99, 101}});
  EXPECT_NEAR(scored(MetricKind::sqnr, answers, baseline)->whole, 10.0 * std::log10(4.0 / 0.01), 0.01);
  EXPECT_TRUE(std::isinf(scored(MetricKind::sqnr, baseline, baseline)->whole));
}

TEST(Errors, AreTheMeanAndTheLargestDifference) {
  const auto baseline = rows({{1, 2}, {3, 4}});
  const auto answers = rows({{1, 2.5F}, {3, 3}});
  EXPECT_NEAR(scored(MetricKind::mean_error, answers, baseline)->whole, 1.5 / 4.0, 1e-12);
  EXPECT_NEAR(scored(MetricKind::max_error, answers, baseline)->whole, 1.0, 1e-12);
  EXPECT_FALSE(scored(MetricKind::mean_error, rows({{no_number, 2}, {3, 4}}), baseline));
}

TEST(Regression, IsJudgedAgainstTheLabels) {
  const auto answers = rows({{1, 2}, {3, 4}});
  const Labels labels{{1, 1, 1, 4}, 2, false, "labels"};
  EXPECT_NEAR(scored(MetricKind::mae, answers, answers, labels)->whole, (0.5 + 1.0) / 2.0, 1e-12);
  EXPECT_NEAR(scored(MetricKind::rmse, answers, answers, labels)->whole, std::sqrt((0.5 + 2.0) / 2.0), 1e-12);
  EXPECT_THAT(scored(MetricKind::mae, rows({{1}, {3}}), answers, labels).error().message, HasSubstr("1 values a sample, and the labels 2"));
}

// scipy.stats.spearmanr(a, b).statistic
TEST(RankCorrelation, AgreesWithSciPy) {
  EXPECT_NEAR(rank_correlation(std::vector<double>{0.1, 0.4, 0.4, 0.9, 0.2, 0.7}, std::vector<double>{1, 2, 3, 5, 0, 4}),
              0.9276336570439174, 1e-12);
  EXPECT_NEAR(rank_correlation(std::vector<double>{1, 1, 2, 3}, std::vector<double>{2, 1, 2, 2}), 0.5443310539518174, 1e-12);
  EXPECT_TRUE(std::isnan(rank_correlation(std::vector<double>{1, 1}, std::vector<double>{2, 1})));
}

TEST(Similarity, ComparesPairsOfEmbeddingsWithWhatPeopleSay) {
  const auto answers = rows({{1, 0}, {1, 0.1F}, {1, 0}, {0, 1}, {1, 0}, {1, 1}});
  EXPECT_NEAR(scored(MetricKind::similarity, answers, answers, {{5, 0, 3}, 1, false, "labels"})->whole, 1.0, 1e-12);
  EXPECT_NEAR(scored(MetricKind::similarity, answers, answers, {{0, 5, 3}, 1, false, "labels"})->whole, -1.0, 1e-12);
  EXPECT_EQ(scored(MetricKind::similarity, answers, answers, {{5, 0, 3}, 1, false, "labels"})->samples, 3U);
}

}  // namespace
}  // namespace podium::accuracy
