#include "machine/preflight.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "../temporary_folder.h"
#include "machine/preflight_checks.h"

namespace {

using namespace podium::machine;
using podium::test::TemporaryFolder;
using Look = std::chrono::duration<double>;

class Machine : public TemporaryFolder {
 public:
  Machine() {
    write("proc/self/status", "Cpus_allowed_list:\t0-1\n");
    write("proc/cpuinfo", "flags\t\t: fpu avx2\n");
    write("proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 12000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    write("proc/loadavg", "0.10 0.20 0.30 1/100 4\n");
    write("sys/devices/system/cpu/smt/active", "0\n");
    write("sys/devices/system/node/online", "0\n");
    for (const char* cpu : {"cpu0", "cpu1"})
      write(std::string("sys/devices/system/cpu/") + cpu + "/cpufreq/scaling_governor", "performance\n");
  }
  [[nodiscard]] PreflightReport look(std::int64_t threads = 2) const { return preflight(path(), {threads, Look(0)}); }
};

bool has(const PreflightReport& report, Severity severity, const std::string& text) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.severity == severity && finding.sentence.find(text) != std::string::npos && !finding.remedy.empty();
  });
}

TEST(Preflight, FindsNothingOnAGoodMachine) {
  const PreflightReport report = Machine().look();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.facts.at("cpu_governor"), "performance");
  EXPECT_EQ(report.facts.at("numa"), "1 node");
  EXPECT_EQ(report.facts.at("cpuset"), "0-1");
  EXPECT_EQ(report.facts.at("virtual_machine"), "no");
  EXPECT_EQ(report.facts.at("gpu"), "not measured on");
}

TEST(Preflight, SaysSoOfWhatCannotBeRead) {
  const TemporaryFolder nothing;
  const PreflightReport report = preflight(nothing.path(), {1, Look(0)});
  EXPECT_TRUE(report.findings.empty());
  for (const char* key : {"cpu_governor", "turbo", "smt", "foreign_load", "steal", "memory_available", "temperature"})
    EXPECT_EQ(report.facts.at(key), not_readable) << key;
}

TEST(Preflight, CallsThePowersaveGovernorBadAndOthersAWarning) {
  const Machine machine;
  machine.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil\n");
  EXPECT_TRUE(has(machine.look(), Severity::warning, "schedutil"));
  machine.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  EXPECT_TRUE(has(machine.look(), Severity::bad, "powersave"));
}

TEST(Preflight, FindsAQuotaBelowTheThreads) {
  const Machine machine;
  machine.write("proc/self/cgroup", "0::/\n");
  machine.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_TRUE(has(machine.look(2), Severity::bad, "1.5 CPUs"));
  EXPECT_FALSE(has(machine.look(1), Severity::bad, "1.5 CPUs"));
}

TEST(Preflight, FindsMemoryPressureAndSwap) {
  const Machine machine;
  machine.write("proc/pressure/memory", "some avg10=40.00 avg60=0.00 avg300=0.00 total=9\n");
  machine.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 900 kB\nSwapTotal: 1000 kB\nSwapFree: 500 kB\n");
  EXPECT_TRUE(has(machine.look(), Severity::bad, "waited for memory 40 %"));
  EXPECT_TRUE(has(machine.look(), Severity::warning, "swapped out"));
  machine.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 9 kB\n");
  EXPECT_TRUE(has(machine.look(), Severity::bad, "Only 9"));
}

TEST(Preflight, JudgesAShareByTheCpusThatItWasTakenOver) {
  const Machine machine;
  const std::vector<UsableCpu> usable = read_usable_cpus(machine.path());
  podium::BlockLoad load;
  load.foreign_share = 0.08;  // of 16 CPUs over one: the threads beside it wait for that one
  const auto found_over = [&](std::size_t watched_cpus) {
    PreflightReport report;
    for (const Check check : preflight_checks()) check({machine.path(), usable, 2, load, watched_cpus, 1.0, {}, nullptr}, report);
    return has(report, Severity::bad, "Other programs take 8 % of the CPUs");
  };
  EXPECT_FALSE(found_over(2)) << "a sixth of a CPU";
  EXPECT_TRUE(found_over(16)) << "of the usable two and the hyper-threads beside them, say";
}

TEST(Preflight, NamesTheProgramsThatTakeTheCpus) {
  const Machine machine;
  const std::vector<UsableCpu> usable = read_usable_cpus(machine.path());
  podium::BlockLoad load;
  load.foreign_share = 0.5;
  load.steal_share = 0.1;
  PreflightReport report;
  for (const Check check : preflight_checks()) check({machine.path(), usable, 2, load, 2, 0.5, {{7, "hog", 1.0}}, nullptr}, report);
  EXPECT_TRUE(has(report, Severity::bad, "Other programs take 50 % of the CPUs"));
  EXPECT_TRUE(has(report, Severity::bad, "The hypervisor takes 10 % of the CPUs away"));
  ASSERT_FALSE(report.findings.empty());
  EXPECT_NE(to_warning(report.findings.front()).find("stop hog (7, 100 % of a CPU)"), std::string::npos);
}

}  // namespace
