#include "core/environment.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

#include "podium/version.h"

namespace {

TEST(UsableCpus, FollowTheAffinityMask) {
  // A thread of its own, so that the other tests keep their mask.
  std::int64_t counted = 0;
  std::thread([&counted] {
    cpu_set_t mask;
    ASSERT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
    std::size_t first = 0;
    while (!CPU_ISSET(first, &mask)) ++first;
    CPU_ZERO(&mask);
    CPU_SET(first, &mask);
    ASSERT_EQ(::sched_setaffinity(0, sizeof mask, &mask), 0);
    counted = podium::usable_cpus();
  }).join();
  EXPECT_EQ(counted, 1);
}

TEST(AvailableMemory, IsSomethingButNotMoreThanTheMachineHas) {
  const podium::Environment environment = podium::read_environment();
  EXPECT_GT(podium::available_memory_bytes(), 0);
  EXPECT_LE(podium::available_memory_bytes(), environment.memory_bytes);
}

TEST(ReadEnvironment, SaysWhatThisMachineIs) {
  const podium::Environment environment = podium::read_environment();
  EXPECT_FALSE(environment.cpu.empty());
  EXPECT_FALSE(environment.isa.empty());
  EXPECT_GE(environment.cores, 1);
  EXPECT_LE(environment.cores, static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  EXPECT_NE(environment.os.find("Linux"), std::string::npos);
  EXPECT_EQ(environment.podium_version, podium::version());
  EXPECT_EQ(environment.build_type, podium::build_type());
}

TEST(ReadEnvironment, WarnsOfABuildThatIsNoReleaseAndNamesTheMend) {
  if (podium::build_type() == "release" || podium::build_type() == "test") GTEST_SKIP() << "this is a release build";
  const podium::Environment environment = podium::read_environment();
  ASSERT_FALSE(environment.warnings.empty());
  EXPECT_NE(environment.warnings.front().find("cmake --preset release"), std::string::npos);
}

}  // namespace
