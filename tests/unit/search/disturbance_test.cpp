#include "search/disturbance.h"

#include <gtest/gtest.h>

#include <vector>

namespace podium::search {
namespace {

/// Two rounds in each launch; those of the launches named are set aside.
Cell cell_with(std::int64_t launches, const std::vector<std::int64_t>& disturbed) {
  Cell cell;
  cell.status = CellStatus::ok;
  for (std::int64_t launch = 0; launch < launches; ++launch) {
    for (int round = 0; round < 2; ++round) {
      Block& block = cell.blocks.emplace_back();
      block.launch = launch;
      for (const std::int64_t known : disturbed) block.set_aside = block.set_aside || known == launch;
      if (block.set_aside) block.evidence = "a foreign load took 40 % of the CPUs";
    }
  }
  return cell;
}

std::int64_t set_aside_in(const Cell& cell) {
  std::int64_t count = 0;
  for (const Block& block : cell.blocks) count += block.set_aside ? 1 : 0;
  return count;
}

TEST(Disturbance, LeavesBlocksAsideWhereThreeLaunchesAreLeft) {
  Cell calm = cell_with(5, {});
  Cell disturbed = cell_with(5, {3, 4});
  std::vector<Cell*> cells{&calm, &disturbed};
  EXPECT_FALSE(score_disturbed_blocks(cells));
  EXPECT_EQ(set_aside_in(disturbed), 4);
}

TEST(Disturbance, ScoresAllBlocksOfABusyMachineAndKeepsTheEvidence) {
  Cell calm = cell_with(5, {2});
  Cell disturbed = cell_with(5, {1, 3, 4});
  std::vector<Cell*> cells{&calm, &disturbed};
  EXPECT_TRUE(score_disturbed_blocks(cells));
  EXPECT_EQ(set_aside_in(calm) + set_aside_in(disturbed), 0) << "both cells are measured by the same rounds again";
  EXPECT_FALSE(disturbed.blocks[2].evidence.empty());
}

TEST(Disturbance, IsContentWithTwoLaunchesWhereManyCellsHaveThem) {
  std::vector<Cell> measured(4, cell_with(3, {2}));
  std::vector<Cell*> cells;
  for (Cell& cell : measured) cells.push_back(&cell);
  EXPECT_FALSE(score_disturbed_blocks(cells)) << "a load that began in the third launch leaves the ranking of the first two";
  cells.pop_back();
  EXPECT_TRUE(score_disturbed_blocks(cells)) << "three cells tell too little of how launches stray";
}

TEST(Disturbance, AsksNoMoreLaunchesThanAnyCellHad) {
  Cell single = cell_with(1, {});
  std::vector<Cell*> cells{&single};
  EXPECT_FALSE(score_disturbed_blocks(cells));
  Cell gone = cell_with(1, {0});
  cells.push_back(&gone);
  EXPECT_TRUE(score_disturbed_blocks(cells));
}

TEST(Disturbance, OfACellThatWasFarTooSlowForASecondLaunchScoresNoBlocksOfTheOthers) {
  Cell fast = cell_with(5, {4});
  Cell near = cell_with(5, {4});
  Cell far = cell_with(1, {0});
  std::vector<Cell*> cells{&fast, &near, &far};
  EXPECT_FALSE(score_disturbed_blocks(cells));
  EXPECT_EQ(set_aside_in(fast), 2);
  EXPECT_EQ(set_aside_in(far), 0) << "it would have no figure at all";
  EXPECT_FALSE(far.blocks.front().evidence.empty());
}

TEST(Disturbance, OfACellThatWasTriedTwiceAndFarTooSlowScoresNoBlocksOfTheOthers) {
  std::vector<Cell> measured(4, cell_with(5, {4}));
  measured.push_back(cell_with(2, {0, 1}));
  std::vector<Cell*> cells;
  for (Cell& cell : measured) cells.push_back(&cell);
  EXPECT_FALSE(score_disturbed_blocks(cells));
  EXPECT_EQ(set_aside_in(measured.front()), 2);
  EXPECT_EQ(set_aside_in(measured.back()), 0);
}

TEST(Disturbance, OfACellOutOfReachScoresNoBlocksOfTheOthersHoweverManyLaunchesWereAskedFor) {
  const auto take = [](Cell cell, std::int64_t nanoseconds) {
    for (Block& block : cell.blocks) block.samples_ns = {nanoseconds, nanoseconds, nanoseconds};
    return cell;
  };
  for (const std::int64_t launches : {1, 2, 3, 5}) {
    SCOPED_TRACE(launches);
    Cell fast = take(cell_with(launches, {}), 1'000'000);
    fast.blocks.back().set_aside = true;
    Cell near = take(cell_with(launches, {}), 1'100'000);
    Cell far = take(cell_with(launches, {0, 1, 2}), 60'000'000);
    std::vector<Cell*> cells{&fast, &near, &far};
    EXPECT_FALSE(score_disturbed_blocks(cells));
    EXPECT_EQ(set_aside_in(fast), 1);
    far.is_baseline = true;  // which has as many blocks as the others, and every ratio needs it
    for (Block& block : far.blocks) block.set_aside = block.launch < 3;
    EXPECT_TRUE(score_disturbed_blocks(cells));
  }
}

TEST(Disturbance, TakesEnergyFromTheBlocksThatAreScoredAfterAll) {
  Cell cell = cell_with(1, {0});
  cell.missing["energy_j_per_inference"] = "no scored block has an energy reading";
  for (Block& block : cell.blocks) {
    block.samples_ns = {1'000'000, 1'000'000};
    block.load.energy_j = 3.0;
  }
  std::vector<Cell*> cells{&cell};
  EXPECT_TRUE(score_disturbed_blocks(cells));
  EXPECT_EQ(cell.energy_j_per_inference, 1.5);
  EXPECT_FALSE(cell.missing.contains("energy_j_per_inference"));
}

TEST(Disturbance, KeepsTheReasonWhyTheMachineTellsNoEnergy) {
  Cell cell = cell_with(1, {0});
  cell.missing["energy_j_per_inference"] = "the kernel shows no energy counters";
  std::vector<Cell*> cells{&cell};
  EXPECT_TRUE(score_disturbed_blocks(cells));
  EXPECT_EQ(cell.missing.at("energy_j_per_inference"), "the kernel shows no energy counters");
}

TEST(Disturbance, ScoresTheBlocksOfACellThatWasStoppedWhereTheMachineDisturbedThemAll) {
  Cell stopped = cell_with(2, {0, 1});
  stopped.status = CellStatus::partial;
  std::vector<Cell*> cells{&stopped};
  EXPECT_TRUE(score_disturbed_blocks(cells));
  EXPECT_EQ(set_aside_in(stopped), 0) << "what was measured so far has a figure";
}

TEST(Disturbance, HasNothingToSayOfCellsThatNeverRan) {
  Cell never;
  std::vector<Cell*> cells{&never};
  EXPECT_FALSE(score_disturbed_blocks(cells));
}

}  // namespace
}  // namespace podium::search
