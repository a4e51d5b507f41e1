#include "machine/gpu_watch.h"

#include <gtest/gtest.h>

#include "fake_nvml.h"
#include "machine/energy.h"
#include "machine/load_watch.h"

namespace {

using namespace podium::machine;
using podium::Block;
using podium::GpuLoad;
using podium::test::FakeNvml;
using podium::test::TemporaryFolder;

TEST(GpuWatch, TellsWhatHappenedBetweenTwoReadings) {
  FakeNvml fake("clock 1980\nmillijoules 1000\nheat_ns 1e9\nboard_limit_ns 0\npower_cap_ns 0\nreasons 0");
  GpuWatch watch = FakeNvml::watch();
  watch.begin();
  fake.set(
      "clock 1200\nmemory_clock 2619\ntemperature 88\nmilliwatts 690000\nmillijoules 1350000\nheat_ns 1.5e9\nboard_limit_ns 0\n"
      "power_cap_ns 2e9\nreasons 36");
  const GpuLoad load = watch.end(2.0);
  EXPECT_EQ(load.clock_mhz, 1200);
  EXPECT_EQ(load.memory_clock_mhz, 2619);
  EXPECT_EQ(load.temperature_c, 88);
  EXPECT_DOUBLE_EQ(*load.power_w, 690.0);
  EXPECT_DOUBLE_EQ(*load.energy_j, 1349.0);
  EXPECT_DOUBLE_EQ(*load.throttled_share, 0.25);
  EXPECT_DOUBLE_EQ(*load.power_capped_share, 1.0);
  EXPECT_EQ(load.throttle, "power cap, heat");
}

TEST(GpuWatch, GoesByWhatLowersTheClockAtTheEndWhereNothingIsCounted) {
  GpuReading before;
  GpuReading after;
  after.throttling = 0x40;
  EXPECT_EQ(gpu_load_between(before, after, 1.0).throttled_share, 1.0);
  after.throttling = 0x05;  // idle, and at its power cap
  EXPECT_EQ(gpu_load_between(before, after, 1.0).throttled_share, 0.0);
  EXPECT_EQ(gpu_load_between(before, after, 1.0).throttle, "power cap");
  after.throttling.reset();
  EXPECT_FALSE(gpu_load_between(before, after, 1.0).throttled_share);
  EXPECT_FALSE(gpu_load_between(before, after, 1.0).throttle);
}

TEST(GpuWatch, TakesTheLargerOfHeatAndPowerSupply) {
  GpuReading before;
  before.heat_s = 0.0;
  before.board_limit_s = 0.0;
  GpuReading after;
  after.heat_s = 0.1;
  after.board_limit_s = 0.4;
  EXPECT_DOUBLE_EQ(*gpu_load_between(before, after, 1.0).throttled_share, 0.4);
  EXPECT_FALSE(gpu_load_between(before, after, 0.0).throttled_share) << "no time, no share";
}

TEST(GpuWatch, CounterThatBeganAnewTellsNoEnergy) {
  GpuReading before;
  before.energy_j = 50.0;
  GpuReading after;
  after.energy_j = 2.0;
  EXPECT_FALSE(gpu_load_between(before, after, 1.0).energy_j);
}

TEST(GpuWatch, IsPartOfABlocksLoadAndItsEnergyThatOfACell) {
  FakeNvml fake("millijoules 0");
  const TemporaryFolder nothing;
  LoadWatch watch(nothing.path(), {}, FakeNvml::watch());
  watch.begin(0);
  fake.set("millijoules 6000\nclock 1500");
  Block block;
  block.load = watch.end(std::chrono::seconds(1));
  ASSERT_TRUE(block.load.gpu);
  EXPECT_EQ(block.load.gpu->clock_mhz, 1500);
  block.load.energy_j = 1000.0;  // of the processor's package
  block.samples_ns = {1, 1, 1};
  EXPECT_DOUBLE_EQ(*energy_per_inference(std::vector{block}, "").joules_per_inference, 2.0);
  EXPECT_FALSE(LoadWatch(nothing.path()).end(std::chrono::seconds(1)).gpu);
}

}  // namespace
