#include "machine/pinning.h"

#include <gtest/gtest.h>

#include <thread>

#include "../temporary_folder.h"

namespace {

using namespace podium::machine;
using podium::test::TemporaryFolder;
using Cpus = std::vector<int>;

/// Two cores of two hyper-threads: CPUs 0 and 2 are one core, 1 and 3 the other.
const std::vector<UsableCpu> two_cores{{0, 0, 0}, {1, 0, 1}, {2, 0, 0}, {3, 0, 1}};

TEST(PinPlan, TakesPhysicalCoresFirst) {
  const std::vector<UsableCpu> siblings_side_by_side{{0, 0, 0}, {1, 0, 0}, {2, 0, 1}, {3, 0, 1}};
  EXPECT_EQ(pin_plan(siblings_side_by_side, 2).worker, (Cpus{0, 2}));
  EXPECT_EQ(pin_plan(two_cores, 2).worker, (Cpus{0, 1}));
}

TEST(PinPlan, KeepsTheSupervisorOffTheWorkersCpus) {
  const PinPlan plan = pin_plan(two_cores, 3);
  EXPECT_EQ(plan.worker, (Cpus{0, 1, 2}));
  EXPECT_EQ(plan.supervisor, Cpus{3});
}

TEST(PinPlan, PinsNobodyWhereNoCpuIsLeftOver) {
  for (const std::int64_t threads : {4, 5, 0, -1}) {
    EXPECT_TRUE(pin_plan(two_cores, threads).worker.empty());
    EXPECT_TRUE(pin_plan(two_cores, threads).supervisor.empty());
  }
  EXPECT_TRUE(pin_plan({}, 1).worker.empty());
}

TEST(PinPlan, TellsCoresOfTwoPackagesApart) {
  const std::vector<UsableCpu> usable{{0, 0, 0}, {1, 1, 0}, {2, 0, 0}};
  EXPECT_EQ(pin_plan(usable, 2).worker, (Cpus{0, 1}));
}

TEST(UsableCpus, AreThoseOfTheMaskWithTheirTopology) {
  const TemporaryFolder machine;
  machine.write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t1-2,8\n");
  machine.write("sys/devices/system/cpu/cpu8/topology/core_id", "4\n");
  machine.write("sys/devices/system/cpu/cpu8/topology/physical_package_id", "1\n");
  const auto usable = read_usable_cpus(machine.path());
  ASSERT_EQ(usable.size(), 3U);
  EXPECT_EQ(usable[1].cpu, 2);
  EXPECT_EQ(usable[1].core, 2);
  EXPECT_EQ(usable[2].core, 4);
  EXPECT_EQ(usable[2].package, 1);
}

TEST(Affinity, IsNarrowedAndRestored) {
  std::thread([] {
    const Cpus all = current_affinity();
    ASSERT_FALSE(all.empty());
    AffinityScope pinned;
    ASSERT_TRUE(pinned.apply({all.back()}));
    EXPECT_EQ(current_affinity(), Cpus{all.back()});
    pinned.release();
    EXPECT_EQ(current_affinity(), all);
  }).join();
}

TEST(Affinity, ToACpuThatIsNotThereIsRefusedWithAWayOut) {
  const auto done = apply_affinity({100'000});
  ASSERT_FALSE(done);
  EXPECT_FALSE(done.error().remedy.empty());
}

}  // namespace
