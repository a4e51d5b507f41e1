#include "measure/stopping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace podium::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cell with one value a launch, in milliseconds, and four rounds of it.
std::vector<Block> cell_of(const std::vector<double>& launches) {
  std::vector<Block> blocks;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    for (std::int64_t round = 0; round < 4; ++round) {
      Block block;
      block.launch = static_cast<std::int64_t>(launch);
      block.round = round;
      block.samples_ns = {std::llround(launches[launch] * 1e6)};
      blocks.push_back(block);
    }
  }
  return blocks;
}

std::vector<StopDecision> decide_on(const std::vector<std::vector<Block>>& cells, std::vector<bool> live = {},
                                    const StoppingRule& rule = {}) {
  if (live.empty()) live.assign(cells.size(), true);
  return decide(live, Comparison({cells.begin(), cells.end()}, {}), rule);
}

TEST(Stopping, DecidesNothingBeforeTheFewestLaunches) {
  const auto decisions = decide_on({cell_of({1.0, 1.0}), cell_of({2.0, 2.0})});
  EXPECT_TRUE(decisions[0].goes_on);
  EXPECT_TRUE(decisions[1].goes_on);
}

TEST(Stopping, EndsACellThatIsOutOfReachWithItsFirstLaunch) {
  const auto decisions = decide_on({cell_of({1.0}), cell_of({20.0}), cell_of({4.9})});
  EXPECT_TRUE(decisions[0].goes_on);
  EXPECT_FALSE(decisions[1].goes_on);
  EXPECT_TRUE(decisions[1].is_out_of_reach);
  EXPECT_EQ(decisions[1].reason, "cannot win: 20.0× the time of the leader");
  EXPECT_TRUE(decisions[2].goes_on);
}

TEST(Stopping, EndsACellThatCannotWinAndSaysHowFarBehindItIs) {
  const auto decisions = decide_on({cell_of({1.0, 1.01, 1.0}), cell_of({1.0, 1.0, 1.02}), cell_of({2.0, 2.01, 2.02})});
  EXPECT_TRUE(decisions[0].goes_on);
  EXPECT_TRUE(decisions[1].goes_on);
  EXPECT_FALSE(decisions[2].goes_on);
  EXPECT_THAT(decisions[2].reason, HasSubstr("cannot win: at least 1."));
}

TEST(Stopping, LetsTwoBeatenNeighboursGoOnUntilTheyAreToldApart) {
  const std::vector<double> leader{1.0, 1.0, 1.0, 1.0, 1.0};
  const std::vector<double> one{2.0, 2.06, 1.98, 2.02, 2.03};
  const std::vector<double> other{2.06, 2.09, 2.06, 2.08, 2.06};
  const auto first = [](const std::vector<double>& all, std::size_t count) {
    return cell_of({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
  };
  const auto early = decide_on({first(leader, 3), first(one, 3), first(other, 3)});
  EXPECT_TRUE(early[1].goes_on);
  EXPECT_TRUE(early[2].goes_on);
  EXPECT_GT(early[1].need, 0.0);
  EXPECT_TRUE(early[0].goes_on) << "the others are paired with the leader";
  const auto late = decide_on({first(leader, 5), first(one, 5), first(other, 5)});
  EXPECT_FALSE(late[1].goes_on);
  EXPECT_FALSE(late[2].goes_on);
  EXPECT_FALSE(late[0].goes_on);
}

TEST(Stopping, LetsBeatenNeighboursThatSeemToDifferGoOnBeyondTheUsualLaunches) {
  const std::vector<double> leader(10, 1.0);
  const std::vector<double> one{2.0, 2.2, 1.9, 2.1, 2.0, 2.2, 1.9, 2.1, 2.0, 2.2};
  const std::vector<double> other{2.2, 2.1, 2.2, 2.1, 2.3, 2.1, 2.0, 2.4, 2.2, 2.1};
  const auto first = [](const std::vector<double>& all, std::size_t count) {
    return cell_of({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
  };
  const auto usual = decide_on({first(leader, 5), first(one, 5), first(other, 5)});
  EXPECT_TRUE(usual[1].goes_on);
  EXPECT_TRUE(usual[2].goes_on);
  const auto most = decide_on({cell_of(leader), cell_of(one), cell_of(other)});
  EXPECT_FALSE(most[1].goes_on);
  EXPECT_FALSE(most[2].goes_on);
}

TEST(Stopping, EndsAContenderOnceItsIntervalIsWithinTheTarget) {
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0, 1.0}), cell_of({1.001, 1.0015, 1.001, 1.0005})});
  EXPECT_FALSE(decisions[1].goes_on);
  EXPECT_THAT(decisions[1].reason, HasSubstr("interval: its ratio to the leader is known to ±0."));
  EXPECT_FALSE(decisions[0].goes_on);
  EXPECT_THAT(decisions[0].reason, HasSubstr("leads"));
}

TEST(Stopping, DoesNotTrustThreeLaunchesThatHappenToAgree) {
  // Half width 0.72 % of a target of 1 %; the deviation may well be twice what it looks.
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0}), cell_of({1.0, 1.003, 1.006})});
  EXPECT_TRUE(decisions[0].goes_on);
  EXPECT_TRUE(decisions[1].goes_on);
}

TEST(Stopping, LetsACellThatIsNotFarBehindGoOnToTheUsualLaunches) {
  const std::vector<double> leader{1.0, 1.0, 1.0, 1.0, 1.0};
  const std::vector<double> behind{1.10, 1.1001, 1.0999, 1.10, 1.10};
  for (const std::size_t launches : {3U, 4U}) {
    const auto count = static_cast<std::ptrdiff_t>(launches);
    EXPECT_TRUE(
        decide_on({cell_of({leader.begin(), leader.begin() + count}), cell_of({behind.begin(), behind.begin() + count})})[1].goes_on);
  }
  EXPECT_FALSE(decide_on({cell_of(leader), cell_of(behind)})[1].goes_on);
}

TEST(Stopping, EndsEqualCellsThatNeverDeviate) {
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0}), cell_of({1.0, 1.0, 1.0})});
  EXPECT_FALSE(decisions[0].goes_on);
  EXPECT_FALSE(decisions[1].goes_on);
}

TEST(Stopping, KeepsToTheTargetThatWasAsked) {
  const std::vector<std::vector<Block>> cells{cell_of({1.0, 1.0, 1.0, 1.0, 1.0}), cell_of({1.0, 1.02, 0.99, 1.01, 0.98})};
  EXPECT_TRUE(decide_on(cells)[1].goes_on);
  StoppingRule loose;
  loose.interval_target = 0.1;
  EXPECT_FALSE(decide_on(cells, {}, loose)[1].goes_on);
}

TEST(Stopping, BuysTheNextLaunchWhereItNarrowsTheIntervalMost) {
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0, 1.0}), cell_of({1.0, 1.006, 0.999, 1.008}), cell_of({1.0, 1.05, 0.98, 1.06})});
  EXPECT_TRUE(decisions[1].goes_on);
  EXPECT_TRUE(decisions[2].goes_on);
  EXPECT_GT(decisions[2].need, 2.0 * decisions[1].need);
  EXPECT_EQ(decisions[0].need, decisions[2].need) << "the leader is measured beside the neediest";
}

TEST(Stopping, NeedsACellWithFewLaunchesMost) {
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0, 1.0}), cell_of({1.0, 1.05, 0.98, 1.06}), cell_of({1.0})});
  EXPECT_GT(decisions[2].need, decisions[1].need);
}

TEST(Stopping, SaysNothingOfCellsThatAreNotLive) {
  const auto decisions = decide_on({cell_of({1.0, 1.0, 1.0}), cell_of({0.5, 0.5, 0.5}), {}}, {true, false, false});
  EXPECT_FALSE(decisions[1].goes_on);
  EXPECT_THAT(decisions[1].reason, IsEmpty());
  EXPECT_FALSE(decisions[2].goes_on);
}

TEST(Stopping, MeasuresALonelyCellTheUsualNumberOfLaunches) {
  EXPECT_TRUE(decide_on({cell_of({1.0, 1.0, 1.0, 1.0})})[0].goes_on);
  const auto done = decide_on({cell_of({1.0, 1.0, 1.0, 1.0, 1.0})});
  EXPECT_FALSE(done[0].goes_on);
  EXPECT_THAT(done[0].reason, HasSubstr("no other cell"));
}

TEST(Stopping, BearsNothingAtAll) {
  EXPECT_THAT(decide_on({}), IsEmpty());
  const auto decisions = decide_on({{}, {}});
  EXPECT_TRUE(decisions[0].goes_on);
}

std::vector<bool> in_doubt_of(const std::vector<std::vector<Block>>& cells) {
  return in_doubt(std::vector<bool>(cells.size(), true), Comparison({cells.begin(), cells.end()}, {}));
}

TEST(Stopping, FindsPairsThatSeemToDifferAndAreNotToldApartAndTheLeaderBesideThem) {
  const auto leader = cell_of({1.0, 1.0, 1.0, 1.0});
  const auto alike = cell_of({1.01, 1.0, 1.01, 1.0});
  const auto doubtful = cell_of({2.0, 2.3, 1.9, 2.1});
  const auto other = cell_of({2.3, 2.2, 2.4, 2.0});
  EXPECT_EQ(in_doubt_of({alike, leader, doubtful, other}), (std::vector<bool>{false, true, true, true}));
}

TEST(Stopping, FindsNoPairInDoubtAmongCellsThatAreAlikeOrToldApartOrOutOfReach) {
  const auto leader = cell_of({1.0, 1.0, 1.0, 1.0});
  const auto alike = cell_of({1.01, 1.0, 1.01, 1.0});
  const auto slower = cell_of({1.2, 1.201, 1.2, 1.199});
  const auto out_of_reach = cell_of({9.0});
  const auto another = cell_of({9.9});
  EXPECT_EQ(in_doubt_of({leader, alike, slower, out_of_reach, another}), std::vector<bool>(5, false));
  EXPECT_EQ(in_doubt_of({}), std::vector<bool>());
}

}  // namespace
}  // namespace podium::measure
