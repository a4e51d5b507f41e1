#include "core/cgroup.h"

#include <gtest/gtest.h>

#include "../temporary_folder.h"

namespace {

using podium::CgroupLimits;
using podium::read_cgroup_limits;
using podium::test::TemporaryFolder;

TEST(CgroupLimits, AreAbsentOnAMachineWithoutGroups) {
  const TemporaryFolder machine;
  const CgroupLimits limits = read_cgroup_limits(machine.path());
  EXPECT_FALSE(limits.cpus);
  EXPECT_FALSE(limits.memory_bytes);
  EXPECT_FALSE(limits.memory_available_bytes);
}

TEST(CgroupLimits, OfVersion2AreTheTightestOnTheWayUp) {
  const TemporaryFolder machine;
  machine.write("proc/self/cgroup", "0::/user.slice/job\n");
  machine.write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  machine.write("sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n");
  machine.write("sys/fs/cgroup/user.slice/memory.max", "8000\n");
  machine.write("sys/fs/cgroup/user.slice/memory.current", "6000\n");
  machine.write("sys/fs/cgroup/user.slice/memory.stat", "anon 4000\ninactive_file 1500\n");
  machine.write("sys/fs/cgroup/user.slice/job/memory.max", "max\n");
  const CgroupLimits limits = read_cgroup_limits(machine.path());
  EXPECT_EQ(limits.cpus, 1.5);
  EXPECT_EQ(limits.memory_bytes, 8000);
  EXPECT_EQ(limits.memory_available_bytes, 3500);
}

TEST(CgroupLimits, OfVersion2ShowInAContainerWhoseGroupIsNotVisible) {
  const TemporaryFolder machine;
  machine.write("proc/self/cgroup", "0::/docker/1234\n");
  machine.write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(read_cgroup_limits(machine.path()).cpus, 2.0);
}

TEST(CgroupLimits, OfVersion1AreRead) {
  const TemporaryFolder machine;
  machine.write("proc/self/cgroup", "4:memory:/job\n3:cpu,cpuacct:/job\n1:name=systemd:/\n");
  machine.write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n");
  machine.write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  machine.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  machine.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  machine.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "4000\n");
  machine.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "5000\n");
  machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const CgroupLimits limits = read_cgroup_limits(machine.path());
  EXPECT_EQ(limits.cpus, 0.5);
  EXPECT_EQ(limits.memory_bytes, 4000);
  EXPECT_EQ(limits.memory_available_bytes, 0);
}

TEST(CgroupLimits, IgnoreFilesThatHoldNoNumbers) {
  const TemporaryFolder machine;
  machine.write("proc/self/cgroup", "nonsense\n0::/\n");
  machine.write("sys/fs/cgroup/cpu.max", "lots often\n");
  machine.write("sys/fs/cgroup/memory.max", "12 monkeys\n");
  const CgroupLimits limits = read_cgroup_limits(machine.path());
  EXPECT_FALSE(limits.cpus);
  EXPECT_FALSE(limits.memory_bytes);
}

}  // namespace
