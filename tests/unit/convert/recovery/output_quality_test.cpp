#include "convert/recovery/output_quality.h"

#include <gmock/gmock.h>

#include <limits>

#include "model_maker.h"

namespace podium::convert::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Outputs outputs(const std::vector<Tensor>& batches) {
  Outputs made;
  for (const Tensor& tensor : batches) made.batches.push_back({{tensor.shape}, {tensor.values}});
  return made;
}

TEST(OutputQuality, TakesTheMeanOutputOfTheBaselineAway) {
  // Around a mean of (101, 201) the inputs differ by 1: power 4 over 4 numbers. An error of 0.1 in each: 20 dB.
  const Outputs baseline = outputs({{{2, 2}, {100.0F, 200.0F, 102.0F, 202.0F}}});
  const Outputs answers = outputs({{{2, 2}, {100.1F, 200.1F, 101.9F, 201.9F}}});
  EXPECT_NEAR(sqnr_db(baseline, answers), 20.0, 0.01);
}

TEST(OutputQuality, IsInfiniteWithoutAnError) {
  const Outputs baseline = outputs({{{2, 2}, {1.0F, 2.0F, 3.0F, 4.0F}}});
  EXPECT_EQ(sqnr_db(baseline, baseline), infinity);
}

TEST(OutputQuality, TakesTheInputsOfAllBatchesTogether) {
  const Outputs baseline = outputs({{{1, 1}, {0.0F}}, {{1, 1}, {2.0F}}});
  const Outputs answers = outputs({{{1, 1}, {0.1F}}, {{1, 1}, {2.1F}}});
  EXPECT_NEAR(sqnr_db(baseline, answers), 20.0, 0.01);
}

TEST(OutputQuality, TakesEachPlaceAsAnInputWhenSequencesDifferInLength) {
  const Outputs baseline = outputs({{{1, 1, 2}, {0.0F, 10.0F}}, {{1, 2, 2}, {2.0F, 12.0F, 1.0F, 11.0F}}});
  const Outputs answers = outputs({{{1, 1, 2}, {0.1F, 10.1F}}, {{1, 2, 2}, {2.1F, 12.1F, 1.1F, 11.1F}}});
  EXPECT_NEAR(sqnr_db(baseline, answers), 10.0 * std::log10(4.0 / 0.06), 0.01);
}

TEST(OutputQuality, ComparesTheBatchesThatWereRun) {
  const Outputs baseline = outputs({{{2, 1}, {0.0F, 2.0F}}, {{2, 1}, {1000.0F, -1000.0F}}});
  EXPECT_NEAR(sqnr_db(baseline, outputs({{{2, 1}, {0.1F, 2.1F}}})), 20.0, 0.01);
}

TEST(OutputQuality, IsTheWorstForOtherShapesOrNumbersThatAreNone) {
  const Outputs baseline = outputs({{{2, 1}, {0.0F, 2.0F}}});
  EXPECT_EQ(sqnr_db(baseline, outputs({{{1, 2}, {0.0F, 2.0F}}})), -infinity);
  EXPECT_EQ(sqnr_db(baseline, outputs({{{2, 1}, {0.0F, std::numeric_limits<float>::quiet_NaN()}}})), -infinity);
}

TEST(OutputQuality, RunsNoMoreBatchesThanAreWanted) {
  ModelMaker maker;
  maker.input("x").output("y").node("Relu", {"x"}, "y");
  Evaluator engine(noise_batches(5, {2, 3}));
  EXPECT_EQ(run_outputs(maker.model(), engine, 2, {}).value().batches.size(), 2U);
  EXPECT_EQ(engine.batches_run, 2);
  EXPECT_EQ(run_outputs(maker.model(), engine, 9, {}).value().batches.size(), 5U);
}

TEST(OutputQuality, HandsOnWhyAModelDoesNotRun) {
  ModelMaker maker;
  maker.input("x").output("y").node("Unheard", {"x"}, "y");
  Evaluator engine(noise_batches(5, {2, 3}));
  const Result<Outputs> made = run_outputs(maker.model(), engine, 2, {});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, testing::HasSubstr("Unheard"));
}

}  // namespace
}  // namespace podium::convert::test
