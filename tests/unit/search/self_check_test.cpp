#include "search/self_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A cell whose every launch has these medians, in microseconds; three rounds a launch.
Cell cell_of(const std::string& id, std::initializer_list<std::int64_t> launches_us) {
  Cell cell;
  cell.id = id;
  cell.status = CellStatus::ok;
  std::int64_t launch = 0;
  for (const std::int64_t median_us : launches_us) {
    for (std::int64_t round = 0; round < 3; ++round) {
      Block block;
      block.launch = launch;
      block.round = 3 * launch + round;
      block.samples_ns = {median_us * 1000 - 10, median_us * 1000, median_us * 1000 + 10};
      cell.blocks.push_back(block);
    }
    ++launch;
  }
  return cell;
}

TEST(SelfCheck, FindsNoWinnerBetweenCopiesThatDifferInsideTheNoise) {
  const std::vector<Cell> cells{cell_of("e/fp32/b1/cpu", {1000, 1010, 995, 1005}),
                                cell_of("e/fp32/b1/cpu/copy=2", {1004, 1001, 1008, 998})};
  const SelfCheck check = check_copies(cells, 2);
  EXPECT_EQ(check.pairs, 1);
  EXPECT_EQ(check.false_winners, 0);
  EXPECT_GT(check.largest_difference, 0.0);
  EXPECT_LT(check.largest_difference, 0.01);
}

TEST(SelfCheck, NamesCopiesThatWereToldApart) {
  const std::vector<Cell> cells{cell_of("e/fp32/b1/cpu", {1000, 1001, 999, 1000}),
                                cell_of("e/fp32/b1/cpu/copy=2", {1100, 1101, 1099, 1100})};
  const SelfCheck check = check_copies(cells, 2);
  EXPECT_EQ(check.false_winners, 1);
  EXPECT_EQ(check.intervals_off, 1);
  EXPECT_THAT(check.told_apart, ElementsAre(HasSubstr("e/fp32/b1/cpu against e/fp32/b1/cpu/copy=2")));
  EXPECT_NEAR(check.largest_difference, 1.0 - 1.0 / 1.1, 0.001);
}

TEST(SelfCheck, GoesByNoCopyOfOneLaunchWhereOthersHaveMore) {
  const std::vector<Cell> cells{cell_of("e/fp32/b1/cpu", {1000, 1010, 995, 1005}), cell_of("e/fp32/b1/cpu/copy=2", {1300})};
  const SelfCheck check = check_copies(cells, 2);
  EXPECT_EQ(check.pairs, 0) << "it could not be told apart, and so is no proof either";
  EXPECT_EQ(check.false_winners, 0);
}

TEST(SelfCheck, ComparesNoCandidateWithAnotherAndNoBatchWithAnother) {
  const std::vector<Cell> cells{cell_of("e/fp32/b1/cpu", {1000, 1001}), cell_of("f/fp32/b1/cpu", {2000, 2001}),
                                cell_of("e/fp32/b8/cpu", {1000, 1001})};
  EXPECT_EQ(check_copies(cells, 2).pairs, 0);
}

TEST(SelfCheck, LeavesOutWhatWasNotMeasuredToItsEnd) {
  std::vector<Cell> cells{cell_of("e/fp32/b1/cpu", {1000, 1001}), cell_of("e/fp32/b1/cpu/copy=2", {1000, 1001})};
  cells[1].status = CellStatus::partial;
  EXPECT_EQ(check_copies(cells, 2).pairs, 0);
}

}  // namespace
}  // namespace podium::search
