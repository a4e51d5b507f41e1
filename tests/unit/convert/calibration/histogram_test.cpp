#include "convert/calibration/histogram.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "distributions.h"

namespace podium::convert {
namespace {

using test::Values;

Histogram of(std::span<const Values> batches) {
  Histogram histogram;
  for (const Values& batch : batches) {
    for_finite_blocks(batch, [&](std::span<const float> block, const Extent& extent) { histogram.add(block, extent); });
  }
  return histogram;
}

std::vector<std::uint64_t> counts(std::span<const std::uint64_t> side) {
  return {side.begin(), side.end()};
}

std::uint64_t sum(std::span<const std::uint64_t> side) {
  return std::accumulate(side.begin(), side.end(), std::uint64_t{0});
}

TEST(Extent, HoldsZeroAndBothEnds) {
  const Values values{3.0F, -0.0F, -2.5F, 1.0F};
  const Extent extent = extent_of(values);
  EXPECT_EQ(extent.low, -2.5F);
  EXPECT_EQ(extent.high, 3.0F);
  EXPECT_EQ(extent_of(Values{2.0F, 3.0F}).low, 0.0F);
  EXPECT_EQ(extent_of(Values{-2.0F, -3.0F}).high, 0.0F);
  EXPECT_EQ(extent_of(Values{}).high, 0.0F);
}

TEST(Extent, FindsEveryKindOfNumberThatIsNotFinite) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {infinity, -infinity, nan, -nan}) EXPECT_FALSE(extent_of(Values{1.0F, bad, -1.0F}).finite);
  EXPECT_TRUE(extent_of(Values{std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}).finite);
}

TEST(Histogram, GrownInStepsHasTheCountsOfItsLastWidth) {
  std::vector<Values> batches{test::normal(1000, 0.01), test::normal(2000, 1.0), test::normal(500, 300.0)};
  const Histogram grown = of(batches);
  std::reverse(batches.begin(), batches.end());
  const Histogram wide_at_once = of(batches);
  EXPECT_EQ(grown.width(), wide_at_once.width());
  EXPECT_EQ(counts(grown.above()), counts(wide_at_once.above()));
  EXPECT_EQ(counts(grown.below()), counts(wide_at_once.below()));
  EXPECT_EQ(sum(grown.above()) + sum(grown.below()), 3500U);
  EXPECT_EQ(grown.count(), 3500U);
}

TEST(Histogram, PutsEachNumberIntoItsBin) {
  const Values values{8191.5F, 0.0F, -0.5F, -1.0F, 17.25F, -0.0F};
  const Histogram histogram = of(std::span(&values, 1));
  EXPECT_EQ(histogram.width(), 1.0);
  EXPECT_EQ(histogram.above()[8191], 1U);
  EXPECT_EQ(histogram.above()[17], 1U);
  EXPECT_EQ(histogram.below()[0], 1U);
  EXPECT_EQ(histogram.below()[1], 1U);
  EXPECT_EQ(sum(histogram.above()) + sum(histogram.below()), 4U) << "zeros are in no bin";
  EXPECT_EQ(histogram.count(), 6U);
}

TEST(Histogram, HoldsTheSmallestAndTheLargestFloats) {
  const Values values{std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()};
  const Histogram histogram = of(std::span(&values, 1));
  EXPECT_EQ(sum(histogram.above()), 2U);
  EXPECT_EQ(sum(histogram.below()), 1U);
  const Values tiny{std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::denorm_min()};
  EXPECT_EQ(sum(of(std::span(&tiny, 1)).above()), 1U);
}

TEST(Histogram, TakesNoMoreMemoryForMoreNumbers) {
  const Values values{1.0F, -1.0F, 1e30F};
  const Histogram histogram = of(std::vector<Values>(100, values));
  EXPECT_EQ(histogram.above().size(), Histogram::bins);
  EXPECT_EQ(histogram.below().size(), Histogram::bins);
}

}  // namespace
}  // namespace podium::convert
