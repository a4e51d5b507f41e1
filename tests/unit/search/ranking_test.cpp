#include "search/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A cell whose block medians are `base_ms`, each round a little other, as the machine drifts.
Cell measured(const std::string& id, double base_ms, std::int64_t first_round = 0, double wobble = 0.001) {
  Cell cell;
  cell.id = id;
  cell.status = CellStatus::ok;
  for (std::int64_t round = 0; round < 12; ++round) {
    const double drift = 1.0 + 0.01 * static_cast<double>(round);
    const double own = 1.0 + wobble * static_cast<double>((round * 7 + static_cast<std::int64_t>(id.size())) % 5 - 2);
    Block block;
    block.round = first_round + round;
    block.samples_ns.assign(5, static_cast<std::int64_t>(base_ms * 1e6 * drift * own));
    cell.blocks.push_back(block);
  }
  return cell;
}

void rank(std::vector<Cell>& cells, bool was_stopped = false) {
  std::vector<Cell*> pointers;
  for (Cell& cell : cells) pointers.push_back(&cell);
  rank_cells(pointers, was_stopped);
}

TEST(Ranking, OrdersCellsThatDiffer) {
  std::vector<Cell> cells{measured("slow", 20.0), measured("quick", 10.0), measured("middle", 15.0)};
  cells[0].is_baseline = true;
  rank(cells);
  EXPECT_EQ(cells[0].rank, 3);
  EXPECT_EQ(cells[1].rank, 1);
  EXPECT_EQ(cells[2].rank, 2);
  EXPECT_NEAR(cells[1].ratio_to_baseline->value, 0.5, 0.01);
  EXPECT_NEAR(cells[0].ratio_to_best->value, 2.0, 0.04);
  EXPECT_THAT(cells[1].tied_with, IsEmpty());
}

TEST(Ranking, SaysTiedOnBothSidesWhereTheDifferenceIsInsideTheNoise) {
  std::vector<Cell> cells{measured("a", 10.0, 0, 0.02), measured("bbb", 10.0, 0, 0.02), measured("slow", 20.0)};
  rank(cells);
  EXPECT_EQ(cells[0].rank, 1);
  EXPECT_EQ(cells[1].rank, 1);
  EXPECT_EQ(cells[2].rank, 3);
  EXPECT_THAT(cells[0].tied_with, ElementsAre("bbb"));
  EXPECT_THAT(cells[1].tied_with, ElementsAre("a"));
}

TEST(Ranking, LeavesOutCellsThatDidNotEndWell) {
  std::vector<Cell> cells{measured("quick-but-wrong", 1.0), measured("right", 10.0)};
  cells[0].status = CellStatus::rejected;
  rank(cells);
  EXPECT_FALSE(cells[0].rank.has_value());
  EXPECT_EQ(cells[1].rank, 1);
  EXPECT_EQ(cells[1].ratio_to_best->value, 1.0);
}

TEST(Ranking, ComparesCellsOfDifferentHeatsThroughTheBaseline) {
  std::vector<Cell> cells{measured("baseline", 20.0), measured("early", 10.0), measured("late", 12.0, 12)};
  const Cell again = measured("baseline", 20.0, 12);
  cells[0].blocks.insert(cells[0].blocks.end(), again.blocks.begin(), again.blocks.end());
  cells[0].is_baseline = true;
  rank(cells);
  EXPECT_EQ(cells[1].rank, 1);
  EXPECT_EQ(cells[2].rank, 2);
  EXPECT_NEAR(cells[2].ratio_to_best->value, 1.2, 0.02);
}

/// Launches of a cell: one round each of these milliseconds.
Cell launched(const std::string& id, const std::vector<double>& milliseconds) {
  Cell cell;
  cell.id = id;
  cell.status = CellStatus::ok;
  for (const double value : milliseconds) {
    Block block;
    block.launch = static_cast<std::int64_t>(cell.blocks.size());
    block.samples_ns.assign(5, static_cast<std::int64_t>(value * 1e6));
    cell.blocks.push_back(block);
  }
  return cell;
}

TEST(Ranking, CountsLaunchesNotRounds) {
  std::vector<Cell> cells{launched("a", {10.0, 10.1, 9.9}), launched("b", {20.0, 20.3, 20.1})};
  cells[0].blocks[2].set_aside = true;
  rank(cells);
  EXPECT_EQ(cells[0].launches, 2);
  EXPECT_EQ(cells[1].launches, 3);
  EXPECT_EQ(cells[1].ratio_to_best->launches, 2);
  ASSERT_TRUE(cells[1].spread);
  EXPECT_NEAR(*cells[1].spread->between_launches, 0.0075, 0.001);
}

TEST(Ranking, CallsCellsWithinOnePercentTiedHoweverSureTheDifferenceIs) {
  std::vector<Cell> cells{launched("a", {10.0, 10.0, 10.0}), launched("b", {10.09, 10.09, 10.09}), launched("c", {10.2, 10.2, 10.2})};
  rank(cells);
  EXPECT_THAT(cells[0].tied_with, ElementsAre("b"));
  EXPECT_EQ(cells[1].rank, 1);
  EXPECT_EQ(cells[2].rank, 3);
}

TEST(Ranking, TakesThroughputFromItsOwnMeasurementOnly) {
  std::vector<Cell> cells{launched("a", {10.0, 10.0}), launched("b", {20.0, 20.0})};
  cells[1].throughput = Throughput{140.0, std::nullopt, 4, {}};
  rank(cells);
  EXPECT_FALSE(cells[0].throughput_per_s);
  EXPECT_EQ(cells[0].missing["throughput_per_s"], "throughput mode was not measured; --mode both");
  EXPECT_EQ(cells[1].throughput_per_s, 140.0);
  EXPECT_FALSE(cells[1].missing.contains("throughput_per_s"));
}

TEST(Ranking, HoldsABaselineThatIsNotRankedAgainstTheRest) {
  std::vector<Cell> cells{launched("baseline", {20.0, 20.0}), launched("a", {10.0, 10.0})};
  cells[0].is_baseline = true;
  cells[0].status = CellStatus::failed;
  rank(cells);
  EXPECT_FALSE(cells[0].rank);
  EXPECT_NEAR(cells[1].ratio_to_baseline->value, 0.5, 1e-9);
  EXPECT_EQ(cells[1].rank, 1);
}

TEST(Ranking, OfABatchSizeThatIsNotDoneCallsNoLoserTheFastest) {
  std::vector<Cell> cells{launched("baseline", {10.0, 10.0}), launched("fast", {9.0, 9.0}), launched("out of reach", {200.0})};
  cells[0].is_baseline = true;
  rank(cells);
  ASSERT_EQ(cells[2].rank, 3) << "all were done";
  cells[0].status = cells[1].status = CellStatus::partial;
  rank(cells);
  for (const Cell& cell : cells) {
    EXPECT_FALSE(cell.rank) << cell.id;
    EXPECT_FALSE(cell.ratio_to_best) << cell.id;
    EXPECT_THAT(cell.tied_with, IsEmpty()) << cell.id;
    EXPECT_TRUE(cell.latency_ms) << cell.id;
  }
  EXPECT_TRUE(cells[2].ratio_to_baseline) << "what is known of two cells is told";
}

TEST(Ranking, DoesNotWaitForACellThatThereWasNoTimeToTryUnlessTheRunWasStopped) {
  std::vector<Cell> cells{launched("a", {10.0, 10.0}), launched("never opened", {})};
  cells[1].status = CellStatus::partial;
  rank(cells);
  EXPECT_EQ(cells[0].rank, 1);
  rank(cells, true);
  EXPECT_FALSE(cells[0].rank);
}

TEST(Ranking, SaysWhyACellHasNoFigures) {
  std::vector<Cell> cells(1);
  cells[0].status = CellStatus::unsupported;
  cells[0].reason = "no such precision";
  rank(cells);
  EXPECT_FALSE(cells[0].latency_ms.has_value());
  EXPECT_EQ(cells[0].missing["latency_ms"], "no such precision");
}

}  // namespace
}  // namespace podium::search
