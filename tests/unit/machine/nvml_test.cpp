#include "machine/nvml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_nvml.h"

namespace {

using podium::ErrorCode;
using podium::machine::GpuReading;
using podium::machine::Nvml;
using podium::test::FakeNvml;
using ::testing::HasSubstr;

TEST(Nvml, TellsTheGpusAndTheirDriver) {
  const FakeNvml fake("memory_used 100");
  const auto nvml = FakeNvml::open();
  ASSERT_TRUE(nvml) << nvml.error().message;
  EXPECT_EQ((*nvml)->driver(), "580.10");
  const auto gpus = (*nvml)->gpus("");
  ASSERT_EQ(gpus.size(), 2U);
  EXPECT_EQ(gpus[1].device, "cuda:1");
  EXPECT_EQ(gpus[1].name, "Test GPU 1");
  EXPECT_EQ(gpus[1].memory_bytes, 1000);
  EXPECT_EQ(gpus[1].compute_capability, "9.0");
}

TEST(Nvml, NumbersGpusAsCudaDoesWhereSomeAreHidden) {
  const FakeNvml fake;
  const auto nvml = FakeNvml::open();
  ASSERT_TRUE(nvml);
  EXPECT_EQ((*nvml)->number_of(1, ""), 1U);
  EXPECT_EQ((*nvml)->number_of(0, "1,0"), 1U);
  EXPECT_EQ((*nvml)->number_of(0, "GPU-bbbb"), 1U) << "the beginning of its identifier is enough";
  EXPECT_EQ((*nvml)->number_of(1, "1,7,0"), std::nullopt) << "CUDA ends the list at what names no GPU";
  EXPECT_EQ((*nvml)->number_of(2, ""), std::nullopt);
  EXPECT_EQ((*nvml)->number_of(-1, ""), std::nullopt);
  EXPECT_EQ((*nvml)->gpus("1").at(0).name, "Test GPU 1");
}

TEST(Nvml, ReadsSensorsInTheirUnits) {
  const FakeNvml fake(
      "clock 1755\nmemory_clock 2619\ntemperature 41\nmilliwatts 350500\nmillijoules 2500\nheat_ns 2e9\nboard_limit_ns 1e9\n"
      "power_cap_ns 5e8\nreasons 4\nmemory_used 640\nbusy 30\npersistence 1");
  const auto nvml = FakeNvml::open();
  ASSERT_TRUE(nvml);
  const GpuReading reading = (*nvml)->read(0);
  EXPECT_EQ(reading.clock_mhz, 1755);
  EXPECT_EQ(reading.memory_clock_mhz, 2619);
  EXPECT_EQ(reading.temperature_c, 41);
  EXPECT_DOUBLE_EQ(*reading.power_w, 350.5);
  EXPECT_DOUBLE_EQ(*reading.energy_j, 2.5);
  EXPECT_DOUBLE_EQ(*reading.heat_s, 2.0);
  EXPECT_DOUBLE_EQ(*reading.board_limit_s, 1.0);
  EXPECT_DOUBLE_EQ(*reading.power_cap_s, 0.5);
  EXPECT_EQ(reading.throttling, 4U);
  EXPECT_EQ(reading.memory_used_bytes, 640);
  EXPECT_DOUBLE_EQ(*reading.busy_share, 0.3);
  EXPECT_EQ((*nvml)->limits(0).clock_mhz, 1980);
  EXPECT_DOUBLE_EQ(*(*nvml)->limits(0).power_w, 700.0);
  EXPECT_EQ((*nvml)->limits(0).persistence, true);
}

TEST(Nvml, OfAnOldDriverLeavesOutWhatItDoesNotTell) {
  const FakeNvml fake("clock 1755");
  const auto nvml = FakeNvml::open("old");
  ASSERT_TRUE(nvml) << nvml.error().message;
  EXPECT_EQ((*nvml)->driver(), "");
  EXPECT_EQ((*nvml)->gpus("").at(0).name, "Test GPU 0");
  EXPECT_EQ((*nvml)->gpus("").at(0).compute_capability, "");
  const GpuReading reading = (*nvml)->read(0);
  EXPECT_FALSE(reading.clock_mhz);
  EXPECT_FALSE(reading.energy_j);
  EXPECT_FALSE(reading.heat_s);
  EXPECT_FALSE((*nvml)->limits(0).persistence);
}

TEST(Nvml, ThatIsMissingOrDoesNotStartSaysWhy) {
  const auto missing = Nvml::open("/nowhere/libnvidia-ml.so.1");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::unavailable);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere/libnvidia-ml.so.1"));
  EXPECT_THAT(missing.error().remedy, HasSubstr("driver"));
  const FakeNvml broken("init_status 9");
  ASSERT_FALSE(FakeNvml::open());
  EXPECT_THAT(FakeNvml::open().error().message, HasSubstr("the driver is not loaded"));
  const FakeNvml none("gpus 0");
  ASSERT_FALSE(FakeNvml::open());
  EXPECT_THAT(FakeNvml::open().error().message, HasSubstr("no GPU"));
}

TEST(Nvml, IsNotAnotherLibrary) {
  const auto other = Nvml::open("libm.so.6");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("is not NVIDIA's management library"));
}

}  // namespace
