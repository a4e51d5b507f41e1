#include "accuracy/bootstrap.h"

#include <cmath>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "accuracy/proportions.h"

namespace podium::accuracy {
namespace {

std::vector<double> normal_values(std::size_t count, double mean, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal(mean, 1.0);
  std::vector<double> values(count);
  for (double& value : values) value = normal(generator);
  return values;
}

Figure mean_of(std::vector<double> values) {
  return [values](std::span<const std::size_t> samples) {
    double sum = 0.0;
    for (const std::size_t sample : samples) sum += values[sample];
    return sum / static_cast<double>(samples.size());
  };
}

double less(double cell, double baseline) {
  return baseline - cell;
}

TEST(PercentileBootstrap, GivesTheIntervalOfAMean) {
  const Bootstrap found = bootstrap(400, mean_of(normal_values(400, 5.0, 1)), {}, less, 0);
  const double width = found.ci95->high - found.ci95->low;
  EXPECT_NEAR(width, 2 * 1.96 / 20, 0.03) << "4 standard errors of 1/sqrt(400)";
  EXPECT_FALSE(found.drop_bounds);
}

TEST(PercentileBootstrap, HoldsTheTruthAboutAsOftenAsItSays) {
  int held = 0;
  constexpr int runs = 200;
  for (int run = 0; run < runs; ++run) {
    const auto interval = bootstrap(60, mean_of(normal_values(60, 0.0, 100 + static_cast<std::uint64_t>(run))), {}, less, 0).ci95;
    held += interval->low <= 0.0 && interval->high >= 0.0 ? 1 : 0;
  }
  EXPECT_GE(held, 178) << "of 200; 190 expected, less some for 60 samples";
  EXPECT_LE(held, 199);
}

TEST(PercentileBootstrap, PairsTheSamples) {
  const std::vector<double> baseline = normal_values(100, 0.0, 3);
  std::vector<double> cell = baseline;
  for (double& value : cell) value -= 0.01;
  const Bootstrap found = bootstrap(100, mean_of(cell), mean_of(baseline), less, 0);
  EXPECT_NEAR(found.drop_bounds->low, 0.01, 1e-9) << "though each mean strays by 0.1";
  EXPECT_NEAR(found.drop_bounds->high, 0.01, 1e-9);
  EXPECT_LT(*found.p_value, 0.01);
  const Bootstrap same = bootstrap(100, mean_of(baseline), mean_of(baseline), less, 0);
  EXPECT_EQ(*same.p_value, 1.0);
}

TEST(PercentileBootstrap, IsTheSameForTheSameSeed) {
  const Figure figure = mean_of(normal_values(50, 0.0, 4));
  EXPECT_EQ(bootstrap(50, figure, {}, less, 9).ci95->low, bootstrap(50, figure, {}, less, 9).ci95->low);
  EXPECT_NE(bootstrap(50, figure, {}, less, 9).ci95->low, bootstrap(50, figure, {}, less, 8).ci95->low);
}

TEST(PercentileBootstrap, SaysNothingOfTooFewSamplesOrOfWhatIsNoNumber) {
  EXPECT_FALSE(bootstrap(fewest_for_bootstrap - 1, mean_of(normal_values(9, 0.0, 4)), {}, less, 0).ci95);
  EXPECT_FALSE(bootstrap(
                   50, [](std::span<const std::size_t>) { return std::nan(""); }, {}, less, 0)
                   .ci95);
}

}  // namespace
}  // namespace podium::accuracy
