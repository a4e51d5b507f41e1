#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "distributions.h"

namespace podium::convert {
namespace {

using test::by;
using test::range_of;
using test::Values;
using Method = CalibrationMethod;

void expect_same(const Range& a, const Range& b) {
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

class EveryMethod : public ::testing::TestWithParam<Method> {};

TEST_P(EveryMethod, GivesAnEmptyRangeToZerosAndToNothing) {
  for (const bool symmetric : {false, true}) {
    expect_same(range_of(by(GetParam(), symmetric), Values(1000, 0.0F)), {0.0F, 0.0F});
    expect_same(range_of(by(GetParam(), symmetric), Values()), {0.0F, 0.0F});
  }
}

TEST_P(EveryMethod, SpansFromZeroToAConstant) {
  const Range above = range_of(by(GetParam()), Values(1000, 3.0F));
  EXPECT_EQ(above.low, 0.0F);
  EXPECT_NEAR(above.high, 3.0F, 1e-3F);
  const Range below = range_of(by(GetParam()), Values(1000, -3.0F));
  EXPECT_NEAR(below.low, -3.0F, 1e-3F);
  EXPECT_EQ(below.high, 0.0F);
}

TEST_P(EveryMethod, IsSymmetricWhereAsked) {
  const Range range = range_of(by(GetParam(), true), test::rectified(10'000));
  EXPECT_EQ(range.low, -range.high);
  EXPECT_GT(range.high, 1.0F);
}

TEST_P(EveryMethod, StartsAtZeroBehindAReLU) {
  const Range range = range_of(by(GetParam()), test::rectified(10'000));
  EXPECT_EQ(range.low, 0.0F);
  EXPECT_GT(range.high, 2.0F);
}

TEST_P(EveryMethod, GivesTheSameRangeTwice) {
  const Values values = test::laplace(20'000);
  expect_same(range_of(by(GetParam()), values), range_of(by(GetParam()), values));
}

TEST_P(EveryMethod, NeverGoesPastTheNumbers) {
  for (const float size : {1e-42F, 1e-30F, 1e-3F, 1.0F, 1e30F}) {
    Values values = test::uniform(2000, -1.0, 2.0);
    for (float& value : values) value *= size;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const Range range = range_of(by(GetParam()), values);
    EXPECT_GE(range.low, *least);
    EXPECT_LE(range.high, *most);
    EXPECT_GT(range.high, 0.0F);
  }
}

TEST_P(EveryMethod, LeavesOutAndCountsWhatIsNotFinite) {
  const std::unique_ptr<Calibrator> calibrator = make_calibrator(by(GetParam()));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(calibrator->observe(Values{1.0F, nan, -std::numeric_limits<float>::infinity()}), 2);
  EXPECT_EQ(calibrator->observe(Values(20'000, 1.0F)), 0);
  expect_same(calibrator->range(), {0.0F, 1.0F});
}

TEST_P(EveryMethod, KeepsNearlyAllOfAFewSamples) {
  const Range range = range_of(by(GetParam()), Values{0.5F, -1.0F, 2.0F, 0.25F, 1.5F});
  EXPECT_NEAR(range.high, 2.0F, 0.1F);
  EXPECT_NEAR(range.low, -1.0F, 0.1F);
}

std::string name_of(const ::testing::TestParamInfo<Method>& method) {
  std::string name(to_string(method.param));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Calibration, EveryMethod, ::testing::ValuesIn(all_calibration_methods()), name_of);

class HistogramMethod : public ::testing::TestWithParam<Method> {};

TEST_P(HistogramMethod, DoesNotDependOnTheOrderOfBatchesNorOnTheirSizes) {
  const std::vector<Values> batches{test::normal(5000, 0.1), test::laplace(20'000), test::normal(3000, 2.0)};
  const std::vector<Values> turned{batches[2], batches[0], batches[1]};
  Values all;
  for (const Values& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  const Range range = range_of(by(GetParam()), batches);
  expect_same(range_of(by(GetParam()), turned), range);
  expect_same(range_of(by(GetParam()), all), range);
}

TEST_P(HistogramMethod, CutsOneHugeOutlierOff) {
  for (const bool symmetric : {false, true}) {
    Values values = test::normal(500'000);
    values.push_back(20.0F);
    EXPECT_LT(range_of(by(GetParam(), symmetric), values).high, 12.0F);
    EXPECT_GT(range_of(by(GetParam(), symmetric), values).high, 2.5F);
  }
}

INSTANTIATE_TEST_SUITE_P(Calibration, HistogramMethod, ::testing::Values(Method::percentile, Method::entropy, Method::mse), name_of);

TEST(MinMax, HoldsAllBatches) {
  const std::vector<Values> batches{{1.0F, 2.0F}, {-4.0F}, {0.5F}};
  expect_same(range_of(by(Method::min_max), batches), {-4.0F, 2.0F});
  expect_same(range_of(by(Method::min_max, true), batches), {-4.0F, 4.0F});
}

TEST(MovingAverage, MovesByTheWeightOfANewBatch) {
  CalibrationSettings settings = by(Method::moving_average);
  settings.moving_average = 0.25;
  expect_same(range_of(settings, std::vector<Values>{{-1.0F, 8.0F}, {-5.0F, 4.0F}}), {-2.0F, 7.0F});
}

TEST(Percentile, CutsHalfOfTheRestOffEachTail) {
  CalibrationSettings settings = by(Method::percentile);
  settings.percentile = 90.0;
  const Range range = range_of(settings, test::uniform(200'000, -1.0, 3.0));
  EXPECT_NEAR(range.low, -0.8F, 0.02F);
  EXPECT_NEAR(range.high, 2.8F, 0.02F);
}

TEST(Percentile, OfMagnitudesCountsBothSides) {
  CalibrationSettings settings = by(Method::percentile, true);
  settings.percentile = 90.0;
  EXPECT_NEAR(range_of(settings, test::uniform(200'000, -1.0, 1.0)).high, 0.9F, 0.01F);
}

TEST(Percentile, CountsZeros) {
  CalibrationSettings settings = by(Method::percentile, true);
  settings.percentile = 90.0;
  Values values(800, 0.0F);
  for (int i = 0; i < 200; ++i) values.push_back(static_cast<float>(i) / 200.0F);
  EXPECT_NEAR(range_of(settings, values).high, 0.5F, 0.02F);
}

TEST(Entropy, LeavesAFlatDistributionWhole) {
  const Range range = range_of(by(Method::entropy), test::uniform(1'000'000, -1.0, 3.0));
  EXPECT_NEAR(range.low, -1.0F, 0.02F);
  EXPECT_NEAR(range.high, 3.0F, 0.03F);
}

TEST(Entropy, KeepsAHeapAtTheEnd) {
  Values values = test::rectified(100'000);
  for (float& value : values) value = std::min(3.0F * value, 6.0F);
  EXPECT_EQ(range_of(by(Method::entropy), values).high, 6.0F);
}

TEST(Entropy, HasTwoEndsOfItsOwn) {
  Values values = test::normal(300'000);
  for (float& value : values) value = value / (1.0F + std::exp(-value));  // SiLU
  const Range range = range_of(by(Method::entropy), values);
  EXPECT_NEAR(range.low, -0.278F, 0.01F);
  EXPECT_GT(range.high, 2.5F);
}

/// Banner et al., "Post-training 4-bit quantization of convolutional networks" (2019): the best clipping for sixteen levels. Theirs lie
/// between those of a grid that has zero, so that there is a little to spare.
TEST(Mse, FindsTheKnownOptimaOfFourBits) {
  EXPECT_NEAR(range_of(by(Method::mse, true, 16), test::normal(1'000'000)).high, 2.55F, 0.15F);
  EXPECT_NEAR(range_of(by(Method::mse, true, 16), test::laplace(1'000'000)).high, 5.03F, 0.35F);
}

TEST(Mse, LeavesAFlatDistributionWhole) {
  const Range range = range_of(by(Method::mse), test::uniform(1'000'000, -1.0, 3.0));
  EXPECT_NEAR(range.low, -1.0F, 0.02F);
  EXPECT_NEAR(range.high, 3.0F, 0.03F);
}

}  // namespace
}  // namespace podium::convert
