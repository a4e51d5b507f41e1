#include "measure/device_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace podium::measure {
namespace {

Block block_of(double device_ms, double host_ms, bool set_aside = false) {
  Block block;
  block.device_clock = DeviceClock{device_ms, host_ms, 3};
  block.set_aside = set_aside;
  return block;
}

TEST(DeviceClock, IsTheMedianOfTheBlocksThatAreScored) {
  const std::vector<Block> blocks{block_of(1.0, 1.1), block_of(9.0, 9.0, true), block_of(2.0, 2.1), block_of(3.0, 3.1), Block{}};
  const auto clock = device_clock_of(blocks);
  ASSERT_TRUE(clock);
  EXPECT_DOUBLE_EQ(clock->device_ms, 2.0);
  EXPECT_DOUBLE_EQ(clock->host_ms, 2.1);
  EXPECT_EQ(clock->calls, 9);
}

TEST(DeviceClock, IsNotKnownWhereNoBlockHasOne) {
  EXPECT_FALSE(device_clock_of(std::vector<Block>(3)));
  EXPECT_FALSE(device_clock_of(std::vector<Block>{block_of(1.0, 1.0, true)}));
}

TEST(DeviceClock, DisagreesWithAHostThatStoppedBeforeTheWorkWasDone) {
  const auto told = disagreement({2.0, 0.1, 5});
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, ::testing::HasSubstr("2 ms"));
  EXPECT_THAT(*told, ::testing::HasSubstr("0.1 ms"));
}

TEST(DeviceClock, AgreesWithAHostThatTookLongerToStartAndHearOfTheEnd) {
  EXPECT_FALSE(disagreement({0.3, 0.31, 5}));
  EXPECT_FALSE(disagreement({0.3, 3.0, 5})) << "a call that the processor is slow to start";
  EXPECT_FALSE(disagreement({2.0, 1.97, 5})) << "within the clocks' own inaccuracy";
  EXPECT_FALSE(disagreement({0.0050, 0.0042, 5})) << "events are told to half a microsecond";
}

}  // namespace
}  // namespace podium::measure
