#include "measure/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "measure/rounds.h"

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

TEST(LaunchCounts, TellDistinctLaunchesAndWhatIsLeftOfThem) {
  std::vector<Block> blocks(5);
  for (const std::size_t i : {0U, 1U}) blocks[i].launch = 3;
  for (const std::size_t i : {2U, 3U, 4U}) blocks[i].launch = 7;
  for (Block& block : blocks) block.samples_ns = {1};
  blocks[0].set_aside = true;
  blocks[2].set_aside = true;
  blocks[3].set_aside = true;
  const LaunchCounts counts = count_launches(blocks);
  EXPECT_EQ(counts.all, 2);
  EXPECT_EQ(counts.scored, 2);
  EXPECT_EQ(counts.mostly_scored, 1) << "one block of three is left of the second launch, one of two of the first";
  EXPECT_EQ(count_launches({}).all, 0);
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

/// `rounds` of one launch, in milliseconds.
void add_launch(std::vector<Block>& blocks, std::int64_t launch, const std::vector<double>& rounds) {
  for (Block block : rounds_of(rounds)) {
    block.launch = launch;
    blocks.push_back(std::move(block));
  }
}

TEST(Summary, IntervalOfTheMedianIsStudentsOverLaunchesWhereThereAreSeveral) {
  // Launches worth ln 10, ln 11 and ln 12, whatever their rounds: standard deviation 0.0911926, t(0.975, 2) = 4.3026527.
  std::vector<Block> blocks;
  add_launch(blocks, 0, {9.0, 100.0 / 9.0});
  add_launch(blocks, 1, {11.0, 11.0});
  add_launch(blocks, 2, {8.0, 18.0});
  const std::optional<Latency> latency = summarize(blocks);
  ASSERT_TRUE(latency && latency->ci95);
  EXPECT_NEAR(std::log(latency->ci95->high / latency->median), 0.2265341, 1e-5);
  EXPECT_NEAR(std::log(latency->median / latency->ci95->low), 0.2265341, 1e-5);
}

TEST(Summary, LabelsOutliersWithinTheirBlockAndKeepsThem) {
  // The second block is slow as a whole, which makes none of its samples an outlier.
  const std::vector<Block> blocks{block_of(0, {100, 101, 99, 100, 102, 98, 101, 99, 500}),
                                  block_of(1, {900, 901, 899, 900, 902, 898, 901, 899, 900})};
  const std::optional<Latency> latency = summarize(blocks);
  ASSERT_TRUE(latency);
  EXPECT_EQ(latency->outliers_mad, 1);
  EXPECT_EQ(latency->outliers_tukey, 1);
  EXPECT_EQ(latency->n, 18);
  EXPECT_DOUBLE_EQ(latency->maximum, 902e-6);
}

TEST(Summary, LabelsNothingWhereMostSamplesReadTheSame) {
  const std::optional<Latency> latency = summarize(std::vector<Block>{block_of(0, {100, 100, 100, 100, 100, 130})});
  ASSERT_TRUE(latency);
  EXPECT_EQ(latency->outliers_mad, 0);
  EXPECT_EQ(latency->outliers_tukey, 0);
}

TEST(Summary, CountsBlocksThatWereSetAside) {
  std::vector<Block> blocks = rounds_of({1.0, 2.0, 3.0});
  blocks[1].set_aside = true;
  const std::optional<Latency> latency = summarize(blocks);
  ASSERT_TRUE(latency);
  EXPECT_EQ(latency->blocks_set_aside, 1);
  EXPECT_EQ(latency->n, 2);
}

/// Launches of rounds of samples with a heavy upper tail, and a deviation between rounds.
std::vector<Block> skewed_launches(std::size_t samples, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<Block> blocks;
  for (std::int64_t launch = 0; launch < 5; ++launch) {
    for (std::int64_t round = 0; round < 8; ++round) {
      Block block = block_of(round, {});
      block.launch = launch;
      const double level = 1e6 * std::exp(0.02 * normal(generator));
      for (std::size_t i = 0; i < samples; ++i)
        block.samples_ns.push_back(static_cast<std::int64_t>(level * std::exp(0.2 * normal(generator))));
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

TEST(Tails, HaveIntervalsThatHoldThemAndTheTruth) {
  const std::optional<Latency> latency = summarize(skewed_launches(200, 3));
  ASSERT_TRUE(latency && latency->p90_ci95 && latency->p99_ci95);
  EXPECT_LT(latency->p90_ci95->low, latency->p90);
  EXPECT_GT(latency->p90_ci95->high, latency->p90);
  EXPECT_NEAR(latency->p90_ci95->high - latency->p90_ci95->low, 0.035, 0.02);
  EXPECT_LT(latency->p99_ci95->low, std::exp(0.2 * 2.326));
  EXPECT_GT(latency->p99_ci95->high, std::exp(0.2 * 2.326));
}

TEST(Tails, AreTheSameForTheSameBlocks) {
  const std::vector<Block> blocks = skewed_launches(20, 3);
  EXPECT_EQ(summarize(blocks)->p90_ci95->low, summarize(blocks)->p90_ci95->low);
  EXPECT_EQ(summarize(blocks)->p90_ci95->high, summarize(blocks)->p90_ci95->high);
}

TEST(Tails, OfASingleBlockHaveNoInterval) {
  EXPECT_FALSE(summarize(std::vector<Block>{block_of(0, std::vector<std::int64_t>(1000, 5))})->p90_ci95);
}

TEST(Tails, HaveAnIntervalOfP99OnlyWhereP99IsGiven) {
  const std::optional<Latency> latency = summarize(skewed_launches(10, 3));
  EXPECT_TRUE(latency->p90_ci95);
  EXPECT_FALSE(latency->p99_ci95);
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

TEST(MedianSoFar, IsTheMedianAndTheIntervalOfTheSummary) {
  std::vector<Block> blocks = rounds_of({3.1, 1.2, 4.8, 1.5, 9.2, 6.5});
  const std::optional<Latency> latency = summarize(blocks);
  const std::optional<MedianSoFar> so_far = median_so_far(blocks);
  ASSERT_TRUE(latency && so_far);
  EXPECT_DOUBLE_EQ(so_far->value, latency->median);
  ASSERT_TRUE(latency->ci95 && so_far->ci95);
  EXPECT_DOUBLE_EQ(so_far->ci95->low, latency->ci95->low);
  EXPECT_DOUBLE_EQ(so_far->ci95->high, latency->ci95->high);
}

TEST(MedianSoFar, IsNothingWhereEveryBlockWasSetAside) {
  std::vector<Block> blocks = rounds_of({3.1});
  blocks.front().set_aside = true;
  EXPECT_FALSE(median_so_far(blocks));
  EXPECT_FALSE(median_so_far({}));
}

}  // namespace
}  // namespace podium::measure
