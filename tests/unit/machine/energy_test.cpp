#include "machine/energy.h"

#include <gtest/gtest.h>

#include "../temporary_folder.h"

namespace {

using namespace podium::machine;
using podium::Block;
using podium::test::TemporaryFolder;

void write_zone(const TemporaryFolder& machine, const std::string& zone, const std::string& name, const std::string& energy) {
  const std::string folder = "sys/class/powercap/" + zone + "/";
  machine.write(folder + "name", name + "\n");
  machine.write(folder + "energy_uj", energy + "\n");
  machine.write(folder + "max_energy_range_uj", "10000000\n");
}

TEST(Energy, CountsPackagesAndNotTheirPartsNorThePlatform) {
  const TemporaryFolder machine;
  write_zone(machine, "intel-rapl:0", "package-0", "1000000");
  write_zone(machine, "intel-rapl:0:0", "core", "5000000");
  write_zone(machine, "intel-rapl:1", "psys", "7000000");
  const EnergyCounters counters(machine.path());
  EXPECT_EQ(counters.read(), std::vector<std::int64_t>{1'000'000});
  EXPECT_TRUE(counters.reason().empty());
}

TEST(Energy, GoesOnWhereACounterWraps) {
  const TemporaryFolder machine;
  write_zone(machine, "intel-rapl:0", "package-0", "9500000");
  const EnergyCounters counters(machine.path());
  const auto before = counters.read();
  write_zone(machine, "intel-rapl:0", "package-0", "500000");
  EXPECT_NEAR(counters.joules(before, counters.read()).value_or(0.0), 1.0, 1e-9);
}

TEST(Energy, IsAbsentWithTheReasonInAVirtualMachine) {
  const TemporaryFolder machine;
  machine.write("proc/cpuinfo", "flags\t\t: fpu hypervisor avx2\n");
  const EnergyCounters counters(machine.path());
  EXPECT_TRUE(counters.read().empty());
  EXPECT_FALSE(counters.joules({}, {}));
  EXPECT_NE(counters.reason().find("virtual machine"), std::string::npos);
}

TEST(EnergyPerInference, DividesJoulesByCallsOfScoredBlocks) {
  Block scored;
  scored.iterations_per_sample = 5;
  scored.samples_ns = {1, 1, 1};
  scored.lead_in_ns = {1};
  scored.load.energy_j = 40.0;
  Block disturbed = scored;
  disturbed.set_aside = true;
  disturbed.load.energy_j = 1000.0;
  const std::vector<Block> blocks{scored, disturbed};
  EXPECT_EQ(energy_per_inference(blocks, {}).joules_per_inference, 2.0);
}

TEST(EnergyPerInference, IsNothingWithTheReasonWhereNoBlockHasEnergy) {
  const std::vector<Block> blocks(2);
  const EnergyFigure figure = energy_per_inference(blocks, "no counters");
  EXPECT_FALSE(figure.joules_per_inference);
  EXPECT_EQ(figure.reason, "no counters");
}

}  // namespace
