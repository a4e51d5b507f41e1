#include "measure/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace podium::measure {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

TEST(RoundOrder, HoldsEveryLiveCellOnce) {
  RoundOrder order(7);
  const std::vector<std::size_t> live{2, 3, 5, 7, 11};
  for (int round = 0; round < 50; ++round) EXPECT_THAT(order.next(live), UnorderedElementsAreArray(live));
}

TEST(RoundOrder, NeverMeasuresACellTwiceRunning) {
  for (const std::size_t cells : {2U, 3U, 8U}) {
    std::vector<std::size_t> live(cells);
    for (std::size_t i = 0; i < cells; ++i) live[i] = i;
    RoundOrder order(1);
    std::vector<std::size_t> before = order.next(live);
    for (int round = 0; round < 200; ++round) {
      std::vector<std::size_t> now = order.next(live);
      EXPECT_NE(now.front(), before.back());
      before = std::move(now);
    }
  }
}

TEST(RoundOrder, IsTheSameForTheSameSeedOnEveryMachine) {
  const std::vector<std::size_t> live{0, 1, 2, 3, 4};
  // From another implementation of MT19937-64.
  RoundOrder order(7);
  EXPECT_THAT(order.next(live), ElementsAre(1, 3, 4, 2, 0));
  EXPECT_THAT(order.next(live), ElementsAre(4, 2, 3, 0, 1));
  EXPECT_THAT(order.next(live), ElementsAre(3, 2, 4, 0, 1));
}

TEST(RoundOrder, GivesEveryCellEveryPlace) {
  RoundOrder order(3);
  const std::vector<std::size_t> live{0, 1, 2, 3};
  std::map<std::pair<std::size_t, std::size_t>, int> times;
  for (int round = 0; round < 4000; ++round) {
    const std::vector<std::size_t> now = order.next(live);
    for (std::size_t place = 0; place < now.size(); ++place) ++times[{place, now[place]}];
  }
  ASSERT_EQ(times.size(), 16U);
  for (const auto& [where, count] : times) EXPECT_NEAR(count, 1000, 150);
}

TEST(RoundOrder, BearsOneCellAndNone) {
  RoundOrder order(0);
  EXPECT_THAT(order.next(std::vector<std::size_t>{9}), ElementsAre(9));
  EXPECT_THAT(order.next(std::vector<std::size_t>{9}), ElementsAre(9));
  EXPECT_THAT(order.next(std::vector<std::size_t>{}), IsEmpty());
}

TEST(BlockPlan, LastsTheTargetAfterTheLeadIn) {
  const BlockPlan plan = plan_block(10ms, 4, 500ms);
  EXPECT_EQ(plan.iterations_per_sample, 1);
  EXPECT_EQ(plan.lead_in_samples, 4);
  EXPECT_EQ(plan.duration, 540ms);
  EXPECT_EQ(plan.minimum_samples, 4 + 3);
  EXPECT_EQ(plan.maximum_samples, 4 + 100);
}

TEST(BlockPlan, JoinsShortCallsUntilASampleIsLongEnough) {
  const BlockPlan plan = plan_block(300ns, 5, 100ms);
  EXPECT_EQ(plan.iterations_per_sample, 34);  // 10.2 µs
  EXPECT_EQ(plan.lead_in_samples, 1);         // five calls are part of one sample
  EXPECT_EQ(plan_block(10us, 5, 100ms).iterations_per_sample, 1);
  EXPECT_EQ(plan_block(9'999ns, 5, 100ms).iterations_per_sample, 2);
}

TEST(BlockPlan, KeepsBlocksOfFastCellsSmall) {
  EXPECT_EQ(plan_block(12us, 0, 1s).maximum_samples, most_scored_samples);
}

TEST(BlockPlan, StillScoresACellThatIsSlowerThanTheBlock) {
  const BlockPlan plan = plan_block(2s, 1, 200ms);
  EXPECT_EQ(plan.minimum_samples, 4);
  EXPECT_EQ(plan.maximum_samples, 4);
}

TEST(BlockPlan, BearsAnEstimateOfNothing) {
  const BlockPlan plan = plan_block(0ns, -1, 0ns);
  EXPECT_EQ(plan.iterations_per_sample, shortest_sample.count());
  EXPECT_EQ(plan.lead_in_samples, 0);
  EXPECT_GE(plan.maximum_samples, plan.minimum_samples);
  EXPECT_GT(plan.duration, 0ns);
}

TEST(LaunchPlan, SharesTheBudgetOutOverLaunchesAndRounds) {
  const LaunchPlan usual = plan_launch(10s, 5);
  EXPECT_EQ(usual.rounds, 8);
  EXPECT_EQ(usual.block, 250ms);
  const LaunchPlan short_one = plan_launch(5s, 5);
  EXPECT_EQ(short_one.rounds, 4);
  EXPECT_EQ(short_one.block, 250ms);
}

TEST(LaunchPlan, KeepsBlocksAndRoundsWithinTheirLimits) {
  EXPECT_EQ(plan_launch(1ms, 5).block, 20ms);
  EXPECT_EQ(plan_launch(1ms, 5).rounds, 4);
  EXPECT_EQ(plan_launch(10min, 5).block, 1s);
  EXPECT_EQ(plan_launch(10min, 5).rounds, 8);
  EXPECT_EQ(plan_launch(0s, 0).rounds, 4);
}

}  // namespace
}  // namespace podium::measure
