#include "machine/load_watch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <fmt/format.h>

#include "../temporary_folder.h"

namespace {

using namespace podium::machine;
using namespace std::chrono_literals;
using podium::BlockLoad;
using podium::test::TemporaryFolder;

/// A machine of two CPUs; the worker is process 50 with the child 51.
class Machine : public TemporaryFolder {
 public:
  Machine() {
    write("proc/self/status", "Cpus_allowed_list:\t0-1\n");
    write("proc/50/task/50/children", "51 ");
    write("proc/self/cgroup", "0::/job\n");
    show_cpus(0, 0, 0);
    show_process("50", 0, 0);
    show_process("51", 0, 0);
  }
  void show_cpus(int busy, int idle, int steal) const {
    write("proc/stat", fmt::format("cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 {} 0 0 {} 0 0 0 {} 0 0\ncpu1 100 0 0 200 5 0 0 0 0 0\n", 10 + busy,
                                   20 + idle, steal));
  }
  void show_process(const std::string& pid, int own, int children) const {
    write("proc/" + pid + "/stat", fmt::format("{} (a) b) S 1 1 1 0 -1 0 0 0 0 0 {} 0 {} 0 20 0 1\n", pid, own, children));
  }
};

TEST(LoadWatch, CallsForeignWhatTheWorkersTreeDidNotUse) {
  const Machine machine;
  LoadWatch watch(machine.path());
  watch.begin(50);
  machine.show_cpus(90, 100, 10);
  machine.show_process("50", 20, 10);
  machine.show_process("51", 10, 0);
  const BlockLoad load = watch.end(1s);
  EXPECT_NEAR(load.foreign_share.value_or(-1), (0.9 - 0.4) / 2.0, 1e-9);
  EXPECT_NEAR(load.steal_share.value_or(-1), 0.1 / 2.0, 1e-9);
  EXPECT_FALSE(load.throttled_share);
  EXPECT_FALSE(load.thermal_throttles);
  EXPECT_FALSE(load.energy_j);
}

TEST(LoadWatch, SeesWhatRunsOnTheOtherHyperThreadOfAPinnedWorkersCore) {
  const Machine machine;
  for (const int cpu : {0, 1}) machine.write(fmt::format("sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu), "0-1\n");
  LoadWatch watch(machine.path(), {1});
  EXPECT_EQ(watch.cpus(), 2U);
  watch.begin(50);
  machine.show_cpus(100, 0, 0);
  EXPECT_NEAR(watch.end(1s).foreign_share.value_or(-1), 0.5, 1e-9);
}

TEST(LoadWatch, CallsNothingForeignWhereTheCpusWereIdle) {
  const Machine machine;
  LoadWatch watch(machine.path());
  watch.begin(50);
  machine.show_cpus(50, 200, 0);  // the tick saw half a CPU busy that by the clock was idle all the time
  EXPECT_EQ(watch.end(1s).foreign_share, 0.0);
}

TEST(LoadWatch, ReadsTheQuotaOfVersion2AndOfVersion1) {
  const Machine machine;
  machine.write("sys/fs/cgroup/job/cpu.stat", "usage_usec 5\nthrottled_usec 1000\n");
  LoadWatch second(machine.path());
  second.begin(50);
  machine.write("sys/fs/cgroup/job/cpu.stat", "usage_usec 5\nthrottled_usec 101000\n");
  EXPECT_NEAR(second.end(1s).throttled_share.value_or(-1), 0.1, 1e-9);

  machine.write("proc/self/cgroup", "1:cpu:/job\n");
  machine.write("sys/fs/cgroup/cpu/job/cpu.stat", "nr_periods 1\nthrottled_time 0\n");
  LoadWatch first(machine.path());
  first.begin(50);
  machine.write("sys/fs/cgroup/cpu/job/cpu.stat", "nr_periods 1\nthrottled_time 200000000\n");
  EXPECT_NEAR(first.end(1s).throttled_share.value_or(-1), 0.2, 1e-9);
}

TEST(LoadWatch, CountsAPackagesThrottlesOnce) {
  const Machine machine;
  const auto heat = [&machine](int count) {
    for (const int cpu : {0, 1})
      machine.write(fmt::format("sys/devices/system/cpu/cpu{}/thermal_throttle/package_throttle_count", cpu), fmt::format("{}\n", count));
  };
  heat(5);
  LoadWatch watch(machine.path());
  watch.begin(50);
  heat(7);
  EXPECT_EQ(watch.end(1s).thermal_throttles, 2);
}

TEST(LoadWatch, SaysNothingOfAMachineThatShowsNothing) {
  const TemporaryFolder nothing;
  LoadWatch watch(nothing.path());
  watch.begin(1);
  const BlockLoad load = watch.end(1s);
  EXPECT_FALSE(load.foreign_share);
  EXPECT_FALSE(load.steal_share);
}

TEST(TreeCpuSeconds, CountAChildWhileItRunsAndAfterItEnded) {
  constexpr double burnt_s = 0.05;
  const double before = tree_cpu_seconds("/", ::getpid());
  const pid_t child = ::fork();
  if (child == 0) {
    while (own_cpu_seconds("/") < burnt_s) {
    }
    while (true) ::pause();
  }
  // Ends only if the child's time is seen while it lives; the test's time-out would tell.
  while (tree_cpu_seconds("/", child) < burnt_s) ::usleep(1000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_GE(tree_cpu_seconds("/", ::getpid()) - before, burnt_s - 0.02);  // what ended is told in ticks
}

}  // namespace
