#include "search/gate.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::HasSubstr;

/// Rows of one output: a common part of size 1 plus a part of size `spread` that differs from input to input.
std::vector<Row> outputs(double spread, std::size_t count = 20, std::size_t length = 100) {
  std::mt19937_64 generator(7);
  std::normal_distribution<double> normal;
  std::vector<double> common(length);
  for (double& value : common) value = normal(generator);
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    std::vector<float> output;
    for (const double value : common) output.push_back(static_cast<float>(value + spread * normal(generator)));
    row = {output};
  }
  return rows;
}

std::vector<Row> with_noise(std::vector<Row> rows, double size) {
  std::mt19937_64 generator(11);
  std::normal_distribution<double> normal;
  for (Row& row : rows) {
    for (float& value : row.front()) value += static_cast<float>(size * normal(generator));
  }
  return rows;
}

std::vector<Row> shifted_by_one_input(std::vector<Row> rows) {
  std::rotate(rows.begin(), rows.begin() + 1, rows.end());
  return rows;
}

std::vector<Row> mean_for_every_input(const std::vector<Row>& rows) {
  std::vector<float> mean(rows.front().front().size(), 0.0F);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += row.front()[i] / static_cast<float>(rows.size());
  }
  return std::vector<Row>(rows.size(), Row{mean});
}

TEST(Gate, AgreesWhenTheErrorIsRounding) {
  const auto baseline = outputs(1.0);
  const OutputError error = judge(baseline, with_noise(baseline, 1e-6), Precision::fp32);
  EXPECT_EQ(error.verdict, Verdict::agrees);
  EXPECT_EQ(error.samples, 20);
  EXPECT_GT(error.sqnr_db.value(), 100.0);
}

TEST(Gate, GivesTheSignalToNoiseRatioOfKnownNoise) {
  const auto baseline = outputs(1.0, 40, 1000);
  const OutputError error = judge(baseline, with_noise(baseline, 0.1), Precision::bf16);
  EXPECT_NEAR(error.sqnr_db.value(), 20.0, 0.3);  // signal of size 1 (the mean is taken away), noise of size 0.1
  EXPECT_EQ(error.verdict, Verdict::agrees);
}

TEST(Gate, HasNoRatioWhereThereIsNoNoise) {
  const auto baseline = outputs(1.0);
  const OutputError error = judge(baseline, baseline, Precision::fp32);
  EXPECT_EQ(error.verdict, Verdict::agrees);
  EXPECT_FALSE(error.sqnr_db.has_value());
  EXPECT_EQ(error.max_abs, 0.0);
}

TEST(Gate, CatchesHalfPrecisionUnderAnFp32Name) {
  const auto baseline = outputs(1.0);
  EXPECT_EQ(judge(baseline, with_noise(baseline, 4e-3), Precision::fp32).verdict, Verdict::disagrees);
}

TEST(Gate, CatchesAnotherInputsOutput) {
  for (const double spread : {1.0, 0.03}) {
    const auto baseline = outputs(spread);
    const OutputError error = judge(baseline, shifted_by_one_input(baseline), Precision::fp32);
    EXPECT_EQ(error.verdict, Verdict::disagrees) << "spread " << spread;
    EXPECT_LT(error.sqnr_db.value(), 0.0);
  }
}

TEST(Gate, CatchesAnotherInputsOutputInAPrecisionTooCoarseToJudge) {
  // As ResNet-50 from a seed: cosine 0.999 between the outputs of different photos, and bf16 rounding of a like size.
  const auto baseline = outputs(0.03);
  const OutputError error = judge(baseline, with_noise(shifted_by_one_input(baseline), 2e-3), Precision::bf16);
  EXPECT_EQ(error.verdict, Verdict::disagrees);
  EXPECT_THAT(error.reason, HasSubstr("other inputs"));
}

TEST(Gate, CatchesAnotherInputsOutputInInt8OfAModelWithFewScores) {
  for (const std::size_t scores : {2U, 10U, 100U}) {
    const auto baseline = outputs(0.03, 32, scores);
    const OutputError error = judge(baseline, with_noise(shifted_by_one_input(baseline), 2e-3), Precision::int8_static);
    EXPECT_EQ(error.verdict, Verdict::disagrees) << scores << " scores";
    EXPECT_THAT(error.reason, HasSubstr("other inputs"));
  }
}

TEST(Gate, DoesNotTakeNoiseForAnotherInputsOutput) {
  for (const std::size_t scores : {2U, 3U, 10U}) {
    for (const double noise : {5e-3, 7e-3, 1e-2}) {  // the outputs differ from input to input by 0.01 of their size
      const auto baseline = outputs(0.01, 32, scores);
      const OutputError error = judge(baseline, with_noise(baseline, noise), Precision::int8_static);
      EXPECT_EQ(error.verdict, Verdict::cannot_judge) << scores << " scores, noise of " << noise << ": " << error.reason;
    }
  }
}

TEST(Gate, CatchesAConstantOutput) {
  const auto baseline = outputs(0.03);
  EXPECT_EQ(judge(baseline, mean_for_every_input(baseline), Precision::fp32).verdict, Verdict::disagrees);
}

TEST(Gate, CannotJudgeWhereRoundingHidesTheDifferenceBetweenInputs) {
  const auto baseline = outputs(0.01);
  const OutputError error = judge(baseline, with_noise(baseline, 5e-3), Precision::bf16);
  EXPECT_EQ(error.verdict, Verdict::cannot_judge);
  EXPECT_THAT(error.reason, HasSubstr("differ between inputs by"));
}

TEST(Gate, CannotJudgeAModelThatGivesOneOutputForAllInputs) {
  const auto baseline = mean_for_every_input(outputs(1.0));
  EXPECT_EQ(judge(baseline, baseline, Precision::fp32).verdict, Verdict::cannot_judge);
  EXPECT_EQ(judge(baseline, with_noise(baseline, 0.5), Precision::bf16).verdict, Verdict::disagrees)
      << "nonsense is wrong, whatever the model";
}

TEST(Gate, CatchesValuesThatAreNotFinite) {
  const auto baseline = outputs(1.0);
  auto answers = baseline;
  answers[3].front()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(judge(baseline, answers, Precision::bf16).verdict, Verdict::disagrees);
}

TEST(Gate, AcceptsInfinitiesThatTheModelItselfReturns) {
  auto baseline = outputs(1.0);
  for (Row& row : baseline) row.front()[5] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(judge(baseline, baseline, Precision::fp32).verdict, Verdict::agrees);
}

TEST(Gate, NamesAMissingOutputAndAWrongSize) {
  const auto baseline = outputs(1.0);
  EXPECT_THAT(judge(baseline, std::vector<Row>(20, Row{}), Precision::fp32).reason, HasSubstr("0 outputs"));
  EXPECT_THAT(judge(baseline, std::vector<Row>(20, Row{{1.0F}}), Precision::fp32).reason, HasSubstr("holds 1 values"));
  EXPECT_EQ(judge(baseline, {}, Precision::fp32).verdict, Verdict::disagrees);
}

TEST(Gate, TakesTheWorstOfSeveralOutputs) {
  auto baseline = outputs(1.0);
  for (Row& row : baseline) row.push_back(row.front());
  auto answers = baseline;
  for (Row& row : answers) row[1].front() += 5.0F;
  EXPECT_EQ(judge(baseline, answers, Precision::fp32).verdict, Verdict::disagrees);
}

}  // namespace
}  // namespace podium::search
