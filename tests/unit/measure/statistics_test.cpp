#include "measure/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <random>
#include <vector>

namespace podium::measure {
namespace {

using ::testing::ElementsAre;

/// Reference figures in this file are NumPy's.
const std::vector<double> ten_sorted{1.2, 1.5, 3.1, 3.2, 3.5, 4.8, 6.5, 7.9, 8.9, 9.2};

Block block_of(std::int64_t round, std::vector<std::int64_t> samples_ns) {
  Block block;
  block.round = round;
  block.samples_ns = std::move(samples_ns);
  return block;
}

/// One block of one sample a round, in milliseconds.
std::vector<Block> rounds_of(const std::vector<double>& milliseconds) {
  std::vector<Block> blocks;
  for (const double value : milliseconds) {
    blocks.push_back(block_of(static_cast<std::int64_t>(blocks.size()), {static_cast<std::int64_t>(std::llround(value * 1e6))}));
  }
  return blocks;
}

TEST(Quantile, AgreesWithNumpy) {
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.0), 1.2);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.1), 1.47);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.25), 3.125);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.5), 4.15);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.9), 8.93);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 0.99), 9.173);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(ten_sorted, 1.0), 9.2);
}

TEST(Quantile, OfASingleValueIsThatValue) {
  EXPECT_DOUBLE_EQ(quantile_of_sorted(std::vector<double>{7.0}, 0.99), 7.0);
}

TEST(Median, SortsWhatItIsGiven) {
  EXPECT_DOUBLE_EQ(median({9.0, 1.0, 5.0}), 5.0);
  EXPECT_DOUBLE_EQ(median({9.0, 1.0, 5.0, 6.0}), 5.5);
}

TEST(ScoredMilliseconds, AreForOneCallAndLeaveOutBlocksThatWereSetAside) {
  Block batched = block_of(0, {20'000'000, 40'000'000});
  batched.iterations_per_sample = 10;
  batched.lead_in_ns = {90'000'000};
  Block throttled = block_of(1, {500'000'000});
  throttled.set_aside = true;
  EXPECT_THAT(scored_milliseconds(std::vector<Block>{batched, throttled}), ElementsAre(2.0, 4.0));
}

TEST(Summary, AgreesWithNumpy) {
  const std::optional<Latency> latency = summarize(rounds_of({3.1, 1.2, 4.8, 1.5, 9.2, 6.5, 3.5, 8.9, 7.9, 3.2}));
  ASSERT_TRUE(latency);
  EXPECT_DOUBLE_EQ(latency->median, 4.15);
  EXPECT_DOUBLE_EQ(latency->mean, 4.98);
  EXPECT_NEAR(latency->stddev, 2.9690252796349026, 1e-12);
  EXPECT_DOUBLE_EQ(latency->minimum, 1.2);
  EXPECT_DOUBLE_EQ(latency->maximum, 9.2);
  EXPECT_DOUBLE_EQ(latency->p90, 8.93);
  EXPECT_EQ(latency->n, 10);
}

TEST(Summary, IntervalOfTheMedianIsStudentsOverRounds) {
  // ln(10 … 14): standard deviation 0.1330, t(0.975, 4) = 2.7764451.
  const std::optional<Latency> latency = summarize(rounds_of({10.0, 11.0, 12.0, 13.0, 14.0}));
  ASSERT_TRUE(latency && latency->ci95);
  EXPECT_NEAR(latency->ci95->low, 10.173542732519222, 1e-9);
  EXPECT_NEAR(latency->ci95->high, 14.154361345503684, 1e-9);
}

TEST(Summary, OfOneRoundHasNoInterval) {
  const std::optional<Latency> latency = summarize(std::vector<Block>{block_of(0, {1'000'000, 2'000'000, 3'000'000})});
  ASSERT_TRUE(latency);
  EXPECT_DOUBLE_EQ(latency->median, 2.0);
  EXPECT_FALSE(latency->ci95);
}

TEST(Summary, OfNothingIsNothing) {
  EXPECT_FALSE(summarize({}));
  Block aside = block_of(0, {1'000'000});
  aside.set_aside = true;
  EXPECT_FALSE(summarize(std::vector<Block>{aside}));
}

TEST(Summary, GivesP99OnlyWithEnoughSamples) {
  const auto count = static_cast<std::size_t>(samples_for_p99);
  EXPECT_FALSE(summarize(std::vector<Block>{block_of(0, std::vector<std::int64_t>(count - 1, 5'000'000))})->p99);
  const std::optional<Latency> enough = summarize(std::vector<Block>{block_of(0, std::vector<std::int64_t>(count, 5'000'000))});
  ASSERT_TRUE(enough->p99);
  EXPECT_DOUBLE_EQ(*enough->p99, 5.0);
}

TEST(PairedRatio, IsTheGeometricMeanOfTheRoundsRatios) {
  const std::optional<Ratio> ratio = paired_ratio(rounds_of({2.0, 2.2, 2.1, 2.4, 2.3}), rounds_of({1.0, 1.05, 1.1, 1.15, 1.2}));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->low, 1.8922925169638838, 1e-6);
  EXPECT_NEAR(ratio->ci95->high, 2.11383809011614, 1e-6);
}

TEST(PairedRatio, CancelsADriftThatHitsBoth) {
  std::vector<double> fast;
  std::vector<double> slow;
  for (int round = 0; round < 20; ++round) {
    const double drift = 1.0 + 0.05 * round;  // the machine ends twice as slow as it began
    fast.push_back(10.0 * drift);
    slow.push_back(20.0 * drift);
  }
  const std::optional<Ratio> ratio = paired_ratio(rounds_of(slow), rounds_of(fast));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->value, 2.0, 1e-6);
  EXPECT_NEAR(ratio->ci95->low, 2.0, 1e-6);
  EXPECT_NEAR(ratio->ci95->high, 2.0, 1e-6);
}

TEST(PairedRatio, UsesOnlyRoundsThatBothHave) {
  std::vector<Block> numerator = rounds_of({2.0, 100.0, 2.0});
  numerator[1].set_aside = true;
  std::vector<Block> denominator = rounds_of({1.0, 1.0, 1.0, 50.0});
  const std::optional<Ratio> ratio = paired_ratio(numerator, denominator);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
}

TEST(PairedRatio, IsNotDraggedAwayByAFewDisturbedRounds) {
  std::vector<double> numerator(20, 1.0);
  numerator[3] = 40.0;
  numerator[11] = 25.0;
  const std::optional<Ratio> ratio = paired_ratio(rounds_of(numerator), rounds_of(std::vector<double>(20, 1.0)));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->value, 1.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->high, 1.0, 1e-9);
}

TEST(PairedRatio, OfOneRoundHasNoInterval) {
  const std::optional<Ratio> ratio = paired_ratio(rounds_of({3.0}), rounds_of({2.0}));
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 1.5, 1e-9);
  EXPECT_FALSE(ratio->ci95);
}

TEST(PairedRatio, OfCellsWithoutACommonRoundIsNothing) {
  EXPECT_FALSE(paired_ratio(rounds_of({1.0}), {}));
  EXPECT_FALSE(paired_ratio(std::vector<Block>{block_of(0, {5})}, std::vector<Block>{block_of(1, {5})}));
}

/// How often out of `runs` the interval holds the true ratio, when round and block effects are log-normal and drift hits both cells.
double coverage_of_paired_ratio(int runs, int rounds, double true_ratio) {
  std::mt19937_64 generator(20261123);
  std::normal_distribution<double> normal;
  int held = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<double> numerator;
    std::vector<double> denominator;
    for (int round = 0; round < rounds; ++round) {
      const double drift = 0.2 * normal(generator);
      numerator.push_back(30.0 * true_ratio * std::exp(drift + 0.03 * normal(generator)));
      denominator.push_back(30.0 * std::exp(drift + 0.02 * normal(generator)));
    }
    const std::optional<Ratio> ratio = paired_ratio(rounds_of(numerator), rounds_of(denominator));
    if (ratio && ratio->ci95 && ratio->ci95->low <= true_ratio && true_ratio <= ratio->ci95->high) ++held;
  }
  return static_cast<double>(held) / runs;
}

TEST(PairedRatio, IntervalHoldsTheTruthNineteenTimesInTwenty) {
  // 4000 runs: the standard error of a share of 0.95 is 0.0034; four of them either way.
  EXPECT_NEAR(coverage_of_paired_ratio(4000, 5, 1.02), 0.95, 0.014);
  EXPECT_NEAR(coverage_of_paired_ratio(4000, 20, 0.5), 0.95, 0.014);
}

TEST(LeadIn, IsTheNumberOfSlowCallsAfterASwitch) {
  const std::vector<Block> blocks{block_of(0, {130, 115, 104, 100, 101, 99, 100, 100}),
                                  block_of(1, {125, 112, 105, 101, 100, 100, 99, 100}),
                                  block_of(2, {140, 110, 103, 100, 100, 101, 100, 100})};
  EXPECT_EQ(find_lead_in(blocks), 3);
}

TEST(LeadIn, IsNothingForASteadyCell) {
  EXPECT_EQ(find_lead_in(std::vector<Block>{block_of(0, {100, 101, 100, 99, 100})}), 0);
  EXPECT_EQ(find_lead_in({}), 0);
}

TEST(LeadIn, IsNotLengthenedByOneNoisyBlock) {
  EXPECT_EQ(find_lead_in(std::vector<Block>{block_of(0, {100, 100, 100}), block_of(1, {900, 100, 100}), block_of(2, {100, 100, 100})}), 0);
}

TEST(LeadIn, StopsAtItsLimit) {
  std::vector<std::int64_t> ever_faster;
  for (std::int64_t value = 1 << 30; value > 1000; value /= 2) ever_faster.push_back(value);
  EXPECT_EQ(find_lead_in(std::vector<Block>{block_of(0, ever_faster)}, 0.02, 4), 4);
}

TEST(LeadIn, IsMovedOutOfTheSamples) {
  Block block = block_of(0, {130, 110, 100, 101});
  split_lead_in(block, 2);
  EXPECT_THAT(block.lead_in_ns, ElementsAre(130, 110));
  EXPECT_THAT(block.samples_ns, ElementsAre(100, 101));
}

TEST(LeadIn, LeavesOneSampleInAShortBlock) {
  Block block = block_of(0, {130, 110});
  split_lead_in(block, 5);
  EXPECT_THAT(block.lead_in_ns, ElementsAre(130));
  EXPECT_THAT(block.samples_ns, ElementsAre(110));
  Block empty;
  split_lead_in(empty, 5);
  EXPECT_TRUE(empty.lead_in_ns.empty());
}

}  // namespace
}  // namespace podium::measure
