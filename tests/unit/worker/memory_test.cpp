#include "worker/memory.h"

#include <gmock/gmock.h>

#include "../temporary_folder.h"
#include "worker/process_tree.h"

namespace podium::worker {
namespace {

TEST(Memory, KillCountOfVersionTwoGroupIsItsOwn) {
  const test::TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/user.slice/run\n");
  root.write("sys/fs/cgroup/user.slice/run/memory.events", "low 0\noom 5\noom_kill 3\noom_group_kill 1\n");
  root.write("proc/vmstat", "nr_free_pages 1\noom_kill 77\n");
  EXPECT_EQ(kernel_kill_count(root.path()), 3);
}

TEST(Memory, KillCountOfVersionOneGroupIsItsOwn) {
  const test::TemporaryFolder root;
  root.write("proc/self/cgroup", "5:cpu,memory:/box\n0::/\n");
  root.write("sys/fs/cgroup/memory/box/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  EXPECT_EQ(kernel_kill_count(root.path()), 4);
}

TEST(Memory, KillCountInAContainerIsThatOfTheMount) {
  const test::TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/seen/only/from/outside\n");
  root.write("sys/fs/cgroup/memory.events", "oom_kill 6\n");
  EXPECT_EQ(kernel_kill_count(root.path()), 6);
}

TEST(Memory, KillCountWithoutGroupsIsTheMachines) {
  const test::TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/\n");
  root.write("proc/vmstat", "nr_free_pages 1\noom_kill 77\n");
  EXPECT_EQ(kernel_kill_count(root.path()), 77);
}

TEST(Memory, KillCountThatNobodyKeepsIsUnknown) {
  const test::TemporaryFolder root;
  EXPECT_EQ(kernel_kill_count(root.path()), std::nullopt);
}

TEST(Memory, PrivateBytesAreWhatNobodySharesSwapIncluded) {
  EXPECT_EQ(private_bytes("55d0-7ff0 ---p 0 00:00 0 [rollup]\nRss: 900 kB\nPss: 700 kB\nShared_Clean: 300 kB\nPrivate_Clean: 20 kB\n"
                          "Private_Dirty: 500 kB\nPrivate_Hugetlb: 0 kB\nSwap: 7 kB\nSwapPss: 3 kB\n"),
            (20 + 500 + 7) * 1024);
}

TEST(Memory, PrivateBytesOfAProcessThatTellsNothingAreUnknown) {
  EXPECT_EQ(private_bytes(""), std::nullopt);
}

TEST(ProcessTree, HoldsGrandchildrenAndNotTheRoot) {
  const std::vector<ProcessEntry> processes{{1, 0, 'S'}, {10, 1, 'S'}, {11, 10, 'S'}, {12, 11, 'Z'}, {20, 1, 'S'}};
  std::vector<pid_t> found;
  for (const ProcessEntry& process : descendants_of(10, processes)) found.push_back(process.pid);
  EXPECT_EQ(found, (std::vector<pid_t>{11, 12}));
}

TEST(ProcessTree, KnowsThisProcessAndItsParent) {
  const auto processes = read_processes();
  const auto self = std::find_if(processes.begin(), processes.end(), [](const ProcessEntry& process) { return process.pid == ::getpid(); });
  ASSERT_NE(self, processes.end());
  EXPECT_EQ(self->parent, ::getppid());
}

}  // namespace
}  // namespace podium::worker
