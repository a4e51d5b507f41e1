#include "accuracy/judge.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::accuracy {
namespace {

using ::testing::HasSubstr;

/// Two scores for each sample: the first `right` samples have their label first, the rest do not.
std::vector<Row> answers(std::size_t count, std::size_t right) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back({i < right ? std::vector<float>{1, 0} : std::vector<float>{0, 1}});
  return rows;
}

Question question(MetricKind kind, std::size_t count, std::optional<double> max_drop) {
  return {{kind, {}}, max_drop, Labels{std::vector<float>(count, 0.0F), 1, true, "labels.csv"}, 0, {}, true};
}

Accuracy judged(std::size_t count, std::size_t baseline, std::size_t cell, std::optional<double> max_drop) {
  const Question asked = question(MetricKind::top_1, count, max_drop);
  return Judge::make(asked, answers(count, baseline))->judge(answers(count, cell)).value();
}

TEST(Judge, GivesTheFigureItsIntervalAndTheDrop) {
  const Accuracy found = judged(20, 18, 15, {});
  EXPECT_EQ(found.metric, "top-1");
  EXPECT_EQ(found.n, 20);
  EXPECT_NEAR(*found.value, 0.75, 1e-12);
  EXPECT_NEAR(*found.baseline, 0.9, 1e-12);
  EXPECT_NEAR(*found.drop, 0.15, 1e-12);
  EXPECT_EQ(*found.lost, 3);
  EXPECT_EQ(*found.gained, 0);
  EXPECT_EQ(found.test, "McNemar, exact");
  EXPECT_NEAR(*found.p_value, 0.25, 1e-12);
  EXPECT_NEAR(*found.agreement, 0.85, 1e-12);
  EXPECT_LT(found.ci95->low, 0.75);
  EXPECT_EQ(found.verdict, DropVerdict::not_asked);
}

TEST(Judge, GivesTheBaselineItsOwnFigureAndNoDrop) {
  const Question asked = question(MetricKind::top_1, 20, 0.01);
  const Accuracy found = Judge::make(asked, answers(20, 18))->of_baseline();
  EXPECT_NEAR(*found.value, 0.9, 1e-12);
  EXPECT_NEAR(found.ci95->low, 0.6989663547715128, 1e-12);
  EXPECT_FALSE(found.drop);
  EXPECT_EQ(found.verdict, DropVerdict::not_asked);
}

TEST(Judge, SaysThatTwentySamplesWithoutLossAreTooFewForOnePoint) {
  const Accuracy found = judged(20, 18, 18, 0.01);
  EXPECT_EQ(found.verdict, DropVerdict::undecided);
  EXPECT_EQ(*found.samples_needed, 299);
  EXPECT_EQ(found.reason,
            "20 samples are too few to tell: top-1 dropped by 0.0 points, and at 95 % by at most 13.9 points; about 299 would "
            "show that it keeps to 1.0 points");
}

TEST(Judge, SaysThatItHoldsOnlyWithEnoughSamples) {
  EXPECT_EQ(judged(299, 250, 250, 0.01).verdict, DropVerdict::holds);
  EXPECT_EQ(judged(298, 250, 250, 0.01).verdict, DropVerdict::undecided);
  EXPECT_EQ(judged(20, 18, 18, 0.14).verdict, DropVerdict::holds);
  EXPECT_TRUE(judged(299, 250, 250, 0.01).reason.empty());
}

TEST(Judge, RejectsOnlyWhatSurelyDroppedByMore) {
  EXPECT_EQ(judged(20, 18, 9, 0.01).verdict, DropVerdict::does_not_hold);
  EXPECT_THAT(judged(20, 18, 9, 0.01).reason, HasSubstr("top-1 dropped by 45.0 points, and at 95 % by at least"));
  EXPECT_EQ(judged(20, 18, 17, 0.01).verdict, DropVerdict::undecided) << "one sample lost of twenty may be chance";
  EXPECT_THAT(judged(20, 18, 17, 0.01).reason, HasSubstr("no number of samples"));
}

TEST(Judge, TakesTheSamplesThatAreNeededFromTheDiscordantOnes) {
  const Accuracy found = judged(200, 180, 179, 0.01);
  ASSERT_TRUE(found.samples_needed);
  // 1.645² · (0.005 - 0.005²) / 0.005²
  EXPECT_NEAR(static_cast<double>(*found.samples_needed), 539, 1);
}

TEST(Judge, NeverCallsABetterCellADrop) {
  const Accuracy found = judged(300, 250, 270, 0.01);
  EXPECT_LT(*found.drop, 0.0);
  EXPECT_EQ(found.verdict, DropVerdict::holds);
}

TEST(Judge, TestsErrorsByAPairedBootstrapTheOtherWayRound) {
  constexpr std::size_t count = 200;
  std::mt19937_64 generator(5);
  std::normal_distribution<float> normal;
  std::vector<Row> baseline;
  std::vector<Row> worse;
  for (std::size_t i = 0; i < count; ++i) {
    const float error = normal(generator);
    baseline.push_back({{error}});
    worse.push_back({{error + (error > 0 ? 0.1F : -0.1F)}});
  }
  Question asked = question(MetricKind::mae, count, 0.05);
  asked.labels->are_classes = false;
  const Accuracy found = Judge::make(asked, baseline)->judge(worse).value();
  EXPECT_EQ(found.test, "paired bootstrap");
  EXPECT_NEAR(*found.drop, 0.1, 1e-6) << "a larger error is worse";
  EXPECT_LT(*found.p_value, 0.01);
  EXPECT_EQ(found.verdict, DropVerdict::does_not_hold);
  asked.max_drop = 0.2;
  EXPECT_EQ(Judge::make(asked, baseline)->judge(worse)->verdict, DropVerdict::holds);
}

TEST(Judge, ComparesWithTheBaselineItselfWithoutATest) {
  const Question asked = question(MetricKind::agreement, 40, 0.2);
  const Accuracy found = Judge::make(asked, answers(40, 30))->judge(answers(40, 28)).value();
  EXPECT_NEAR(*found.value, 0.95, 1e-12);
  EXPECT_EQ(*found.baseline, 1.0);
  EXPECT_NEAR(*found.drop, 0.05, 1e-12);
  EXPECT_TRUE(found.test.empty());
  EXPECT_EQ(found.verdict, DropVerdict::holds);
}

TEST(Judge, HasNoFigureForAnSqnrWithoutNoise) {
  const Question asked = question(MetricKind::sqnr, 40, {});
  const Accuracy found = Judge::make(asked, answers(40, 30))->judge(answers(40, 30)).value();
  EXPECT_FALSE(found.value);
  EXPECT_FALSE(found.drop);
}

TEST(Judge, TakesANumberASampleFromACommandOrOneForAllWithoutBounds) {
  Question asked = question(MetricKind::command, 40, 0.1);
  asked.run_command = [](const Metric&, Rows rows, const Labels*) -> Result<std::vector<double>> {
    return std::vector<double>(rows.size(), 0.5);
  };
  EXPECT_EQ(Judge::make(asked, answers(40, 30))->judge(answers(40, 28))->verdict, DropVerdict::holds);
  asked.run_command = [](const Metric&, Rows, const Labels*) -> Result<std::vector<double>> { return std::vector<double>{0.5}; };
  const Accuracy one = Judge::make(asked, answers(40, 30))->judge(answers(40, 28)).value();
  EXPECT_EQ(one.verdict, DropVerdict::undecided);
  EXPECT_THAT(one.reason, HasSubstr("gives no bounds"));
  asked.run_command = [](const Metric&, Rows, const Labels*) -> Result<std::vector<double>> { return std::vector<double>(7, 0.5); };
  EXPECT_THAT(Judge::make(asked, answers(40, 30)).error().message, HasSubstr("7 numbers for 40 samples"));
}

}  // namespace
}  // namespace podium::accuracy
