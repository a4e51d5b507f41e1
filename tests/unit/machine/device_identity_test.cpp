#include "machine/device_identity.h"

#include <gtest/gtest.h>

#include "fake_nvml.h"

namespace {

using podium::Device;
using podium::machine::device_identity;
using podium::test::FakeNvml;

const Device first_gpu{"cuda", 0};
const Device second_gpu{"cuda", 1};

TEST(DeviceIdentity, OfAGpuIsItsUuidByWhateverNumberAProcessKnowsIt) {
  const FakeNvml fake;
  const auto nvml = FakeNvml::open();
  ASSERT_TRUE(nvml) << nvml.error().message;
  EXPECT_EQ(device_identity(first_gpu, nvml->get(), ""), "GPU-aaaa-0");
  EXPECT_EQ(device_identity(second_gpu, nvml->get(), ""), "GPU-bbbb-1");
  EXPECT_EQ(device_identity(first_gpu, nvml->get(), "1,0"), "GPU-bbbb-1");
  EXPECT_EQ(device_identity(second_gpu, nvml->get(), "1,0"), "GPU-aaaa-0");
  EXPECT_EQ(device_identity(first_gpu, nvml->get(), "GPU-bbbb"), "GPU-bbbb-1");
}

TEST(DeviceIdentity, IsThePlaceOnTheBusWhereTheDriverDoesNotTellMore) {
  EXPECT_EQ(device_identity(second_gpu, nullptr, ""), "cuda:1");
  EXPECT_EQ(device_identity(first_gpu, nullptr, "1,0"), "cuda:1");
  EXPECT_EQ(device_identity(first_gpu, nullptr, "GPU-bbbb-1"), "GPU-bbbb-1");
  EXPECT_EQ(device_identity(second_gpu, nullptr, "1"), "cuda:1") << "CUDA shows no such GPU; its own error comes later";
  const FakeNvml fake;
  const auto old = FakeNvml::open("old");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(device_identity(first_gpu, old->get(), "1,0"), "cuda:1");
}

TEST(DeviceIdentity, OfAPartOfAGpuIsWhatItIsCalled) {
  const FakeNvml fake;
  const auto nvml = FakeNvml::open();
  ASSERT_TRUE(nvml) << nvml.error().message;
  EXPECT_EQ(device_identity(first_gpu, nvml->get(), "MIG-cccc"), "MIG-cccc");
}

TEST(DeviceIdentity, OfTheCpuAsksNoDriver) {
  EXPECT_EQ(device_identity(Device{}), "cpu");
  EXPECT_EQ(device_identity(Device{}, nullptr, "1,0"), "cpu");
}

}  // namespace
