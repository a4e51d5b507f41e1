#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "measure/statistics.h"

namespace podium::measure {
namespace {

struct Deviations {
  double within = 0.0;
  double blocks = 0.0;
  double launches = 0.0;
  double builds = 0.0;
};

std::vector<Block> drawn(const Deviations& deviations, int builds, int launches, int rounds, int samples) {
  std::mt19937_64 generator(11);
  std::normal_distribution<double> normal;
  std::vector<Block> blocks;
  std::int64_t launch_number = 0;
  for (int build = 0; build < builds; ++build) {
    const double of_build = deviations.builds * normal(generator);
    for (int launch = 0; launch < launches; ++launch, ++launch_number) {
      const double of_launch = of_build + deviations.launches * normal(generator);
      for (int round = 0; round < rounds; ++round) {
        Block block;
        block.build = build;
        block.launch = launch_number;
        block.round = round;
        const double of_block = of_launch + deviations.blocks * normal(generator);
        for (int i = 0; i < samples; ++i)
          block.samples_ns.push_back(std::llround(5e6 * std::exp(of_block + deviations.within * normal(generator))));
        blocks.push_back(std::move(block));
      }
    }
  }
  return blocks;
}

TEST(Spread, TellsTheLevelsApart) {
  const Spread spread = spread_of(drawn({0.01, 0.02, 0.03, 0.06}, 60, 8, 6, 10));
  EXPECT_NEAR(*spread.within_blocks, 0.01, 0.001);
  EXPECT_NEAR(*spread.between_blocks, 0.02, 0.002);
  EXPECT_NEAR(*spread.between_launches, 0.03, 0.004);
  EXPECT_NEAR(*spread.between_builds, 0.06, 0.015);
}

TEST(Spread, DoesNotTakeTheNoiseOfSamplesForADeviationOfBlocksOrLaunches) {
  const Spread spread = spread_of(drawn({0.05, 0.0, 0.0, 0.0}, 10, 10, 10, 5));
  EXPECT_NEAR(*spread.within_blocks, 0.05, 0.003);
  EXPECT_LT(*spread.between_blocks, 0.01);
  EXPECT_LT(*spread.between_launches, 0.01);
  EXPECT_LT(*spread.between_builds, 0.01);
}

TEST(Spread, IsNeverNegativeAndZeroWhereNothingVaries) {
  const Spread spread = spread_of(drawn({}, 2, 2, 2, 2));
  EXPECT_EQ(spread.within_blocks, 0.0);
  EXPECT_EQ(spread.between_blocks, 0.0);
  EXPECT_EQ(spread.between_launches, 0.0);
  EXPECT_EQ(spread.between_builds, 0.0);
}

TEST(Spread, IsUnknownAtALevelWithoutTwoMembers) {
  const Spread spread = spread_of(drawn({0.01, 0.01, 0.01, 0.01}, 1, 3, 1, 4));
  EXPECT_TRUE(spread.within_blocks);
  EXPECT_FALSE(spread.between_blocks);
  EXPECT_TRUE(spread.between_launches);
  EXPECT_FALSE(spread.between_builds);
}

TEST(Spread, OfNothingIsUnknown) {
  const Spread spread = spread_of({});
  EXPECT_FALSE(spread.within_blocks);
  EXPECT_FALSE(spread.between_builds);
}

TEST(Spread, LeavesOutBlocksThatWereSetAside) {
  std::vector<Block> blocks = drawn({}, 1, 2, 3, 2);
  blocks[1].samples_ns.assign(2, 900'000'000);
  blocks[1].set_aside = true;
  EXPECT_NEAR(*spread_of(blocks).between_blocks, 0.0, 1e-9);
}

}  // namespace
}  // namespace podium::measure
