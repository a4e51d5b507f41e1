#include "search/throughput_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace podium::search {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

/// So many calls in one second.
ThroughputBlock block_of(std::int64_t requests, std::int64_t launch, std::int64_t calls, bool set_aside = false) {
  ThroughputBlock block;
  block.requests = requests;
  block.launch = launch;
  block.elapsed_ns = 1'000'000'000;
  block.calls = calls;
  block.set_aside = set_aside;
  if (set_aside) block.evidence = "a foreign load took 40 % of the CPUs";
  return block;
}

TEST(ThroughputBlocks, GiveTheRateOfEachLaunchWithoutWhatIsSetAside) {
  const std::vector<ThroughputBlock> blocks{block_of(2, 0, 100), block_of(2, 0, 40, true), block_of(2, 1, 90),
                                            block_of(2, 1, 110), block_of(2, 2, 10, true), block_of(1, 0, 50)};
  EXPECT_THAT(launch_rates(blocks, 2, 8), ElementsAre(DoubleEq(800.0), DoubleEq(800.0)));
  EXPECT_THAT(launch_rates(blocks, 1, 8), ElementsAre(DoubleEq(400.0)));
  EXPECT_TRUE(launch_rates(blocks, 4, 8).empty());
}

TEST(ThroughputBlocks, OweThreeLaunchesWithABlockLeftAndFiveInAllAtMost) {
  std::vector<ThroughputBlock> blocks;
  EXPECT_TRUE(owes_launch(blocks, 1));
  for (const std::int64_t launch : {0, 1, 2}) blocks.push_back(block_of(1, launch, 100, launch == 1));
  EXPECT_TRUE(owes_launch(blocks, 1)) << "one of the three is set aside";
  EXPECT_EQ(throughput_launches(blocks, 1).next, 3);
  blocks.push_back(block_of(1, 3, 100, true));
  EXPECT_TRUE(owes_launch(blocks, 1));
  blocks.push_back(block_of(1, 4, 100, true));
  EXPECT_FALSE(owes_launch(blocks, 1)) << "two are left of five";
  EXPECT_TRUE(owes_launch(blocks, 2)) << "another number of requests";
}

TEST(ThroughputBlocks, AreScoredAfterAllWhereOneLaunchIsLeftOrNone) {
  std::vector<ThroughputBlock> blocks{block_of(1, 0, 100), block_of(1, 1, 100), block_of(1, 2, 50, true)};
  EXPECT_FALSE(score_disturbed_throughput(blocks, 1));
  EXPECT_TRUE(blocks.back().set_aside);
  blocks[1].set_aside = true;
  blocks.push_back(block_of(2, 0, 10, true));
  EXPECT_TRUE(score_disturbed_throughput(blocks, 1));
  EXPECT_EQ(launch_rates(blocks, 1, 1).size(), 3U);
  EXPECT_TRUE(blocks.back().set_aside) << "of another number of requests";
  EXPECT_FALSE(blocks[2].evidence.empty());
}

TEST(ThroughputBlocks, AreSummedUpByTheBestNumber) {
  const std::vector<ThroughputBlock> blocks{block_of(1, 0, 50), block_of(1, 1, 50), block_of(2, 0, 90), block_of(2, 1, 110),
                                            block_of(2, 2, 10, true)};
  const Throughput throughput = summarize_throughput(blocks, 2, 1);
  EXPECT_DOUBLE_EQ(throughput.per_s, 100.0);
  EXPECT_EQ(throughput.requests, 2);
  ASSERT_TRUE(throughput.ci95);
  EXPECT_NEAR(throughput.ci95->high, 100.0 + 12.706205 * 10.0, 1e-3) << "t(0.975, 1) over two launches";
  EXPECT_DOUBLE_EQ(throughput.tried.at("1"), 50.0);
  EXPECT_EQ(throughput.blocks_set_aside, 1);
}

TEST(ThroughputBlocks, TellTheFirstWarmUpOfTheBestNumberOrTheFirstThatDidNotSettle) {
  std::vector<ThroughputBlock> blocks{block_of(1, 0, 50), block_of(2, 0, 90), block_of(2, 0, 90), block_of(2, 1, 110), block_of(2, 2, 100)};
  EXPECT_FALSE(summarize_throughput(blocks, 2, 1).warm_up) << "a file of before it was recorded";
  blocks[0].warm_up = WarmUp{5, 10.0, false, {}};
  blocks[1].warm_up = WarmUp{100, 1.0, true, {}};
  blocks[3].warm_up = WarmUp{100, 2.0, true, {}};
  ASSERT_TRUE(summarize_throughput(blocks, 2, 1).warm_up);
  EXPECT_DOUBLE_EQ(summarize_throughput(blocks, 2, 1).warm_up->seconds, 1.0);
  EXPECT_FALSE(summarize_throughput(blocks, 1, 1).warm_up->steady);
  blocks[4].warm_up = WarmUp{100, 3.0, false, {}};
  EXPECT_DOUBLE_EQ(summarize_throughput(blocks, 2, 1).warm_up->seconds, 3.0);
}

}  // namespace
}  // namespace podium::search
