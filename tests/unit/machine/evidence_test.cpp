#include "machine/evidence.h"

#include <gtest/gtest.h>

namespace {

using namespace podium::machine;
using namespace std::chrono_literals;
using podium::Block;
using podium::BlockLoad;
using podium::ThroughputBlock;

BlockLoad foreign(double share) {
  BlockLoad load;
  load.foreign_share = share;
  return load;
}

TEST(Evidence, IsAHogOnOneOfTwoCpus) {
  for (const auto duration : {100ms, 300ms, 1000ms}) {
    const auto evidence = evidence_against(foreign(0.38), duration, 2);
    ASSERT_TRUE(evidence) << duration.count();
    EXPECT_EQ(*evidence, "a foreign load took 38 % of the CPUs");
    EXPECT_TRUE(evidence_against(foreign(0.25), duration, 2)) << "the hog shares its CPU with a thread of the worker's";
  }
}

TEST(Evidence, IsAHogOnOneOfManyCpus) {
  for (const std::size_t cpus : {16U, 64U, 128U}) {
    const double hog = 0.9 / static_cast<double>(cpus);
    EXPECT_TRUE(evidence_against(foreign(hog), 250ms, cpus)) << cpus << " CPUs: each call waits for the thread beside the hog";
    EXPECT_FALSE(evidence_against(foreign(0.3 * hog), 250ms, cpus)) << cpus;
  }
}

TEST(Evidence, IsNotTwoTicksOfNoise) {
  for (const double seconds : {0.02, 0.05, 0.1, 1.0}) {
    const double two_ticks = 0.02 / (seconds * 2.0);
    EXPECT_FALSE(evidence_against(foreign(std::min(1.0, two_ticks)), std::chrono::duration<double>(seconds), 2)) << seconds;
  }
}

TEST(Evidence, IsStealQuotaAndHeat) {
  BlockLoad steal;
  steal.steal_share = 0.05;
  EXPECT_TRUE(evidence_against(steal, 1s, 2));
  EXPECT_FALSE(evidence_against(steal, 100ms, 2)) << "one tick of twenty";
  BlockLoad stopped;
  stopped.throttled_share = 0.02;
  EXPECT_TRUE(evidence_against(stopped, 20ms, 2)) << "counted exactly, so a short block can tell too";
  BlockLoad hot;
  hot.thermal_throttles = 1;
  EXPECT_TRUE(evidence_against(hot, 20ms, 2));
}

TEST(Evidence, IsAGpuThatWasHeldBackAndNotOneAtItsPowerLimit) {
  BlockLoad load;
  load.gpu.emplace();
  load.gpu->power_capped_share = 1.0;
  load.gpu->throttled_share = 0.0;
  EXPECT_FALSE(evidence_against(load, 1s, 2)) << "under full load a GPU ends up there on any machine";
  load.gpu->throttled_share = 0.25;
  EXPECT_EQ(evidence_against(load, 1s, 2), "heat or the power supply lowered the GPU's clock for 25 % of the time");
  std::vector<TimedLoad> blocks(2);
  blocks[1].load = load;
  const auto warnings = warnings_from(blocks, 2, {});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings.front().find("up to 25 % of the time, disturbed 1 of 2 blocks"), std::string::npos) << warnings.front();
}

TEST(Evidence, IsNothingWhereNothingCanBeRead) {
  EXPECT_FALSE(evidence_against({}, 1s, 2));
  EXPECT_FALSE(evidence_against(foreign(1.0), 0s, 2));
  EXPECT_FALSE(evidence_against(foreign(1.0), 1s, 0));
}

TEST(Warnings, SayHowManyBlocksFromWhenAndWhomToStop) {
  std::vector<TimedLoad> blocks;
  for (const double place : {0.0, 1.0, 2.0}) blocks.push_back({6.0 * place, 0.2, foreign(place == 0.0 ? 0.0 : 0.5 + 0.02 * place)});
  const auto warnings = warnings_from(blocks, 2, {{4711, "stress", 0.98}});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings.front(),
            "a foreign load of up to 54 % of the CPUs disturbed 2 of 3 blocks from 00:06 on; stop stress (4711, 98 % of a CPU) and measure "
            "again.");
  EXPECT_TRUE(warnings_from(std::vector<TimedLoad>(3), 2, {}).empty());
}

TEST(Warnings, KeepSilentAboutNoBlockThatWasSetAside) {
  ThroughputBlock block;
  block.elapsed_ns = 20'000'000;  // it took half a second in all
  block.load = foreign(0.5);
  const auto warnings_of = [&block] { return warnings_from(std::vector{timed_load(block, 0.0)}, 2, {}); };
  EXPECT_TRUE(warnings_of().empty()) << "three ticks are no evidence";
  block.evidence = "a foreign load took 50 % of the CPUs";
  EXPECT_EQ(warnings_of().size(), 1U);
}

TEST(ForeignLoad, IsWhatWouldBeEvidenceAgainstABlock) {
  EXPECT_TRUE(is_load_beside({{4711, "stress", 0.15}, {4712, "stress", 0.15}}, 2, false));
  EXPECT_FALSE(is_load_beside({{4711, "stress", 0.15}, {4712, "stress", 0.15}}, 4, false));
  EXPECT_FALSE(is_load_beside({}, 2, false));
}

TEST(ForeignLoad, BesideEnginesThatGoBeforeItShowsOnlyWhileTheyAreLoaded) {
  const std::vector<BusyProcess> held_off{{4711, "stress", 0.08}, {4712, "stress", 0.08}};
  EXPECT_TRUE(is_load_beside(held_off, 2, true));
  EXPECT_TRUE(is_load_beside(held_off, 64, true));
  EXPECT_FALSE(is_load_beside(held_off, 2, false)) << "it would have had all that it wants";
  EXPECT_FALSE(is_load_beside({{4711, "editor", 0.06}}, 2, true));
}

TEST(Warnings, NameWhoRanBesideAndShowsInNoBlock) {
  const std::vector<BusyProcess> stress{{4711, "stress", 0.98}};
  EXPECT_EQ(
      warning_of_load_beside(stress, 126.0, true),
      "a foreign load ran beside this run, seen from 02:06 on: stress (4711, 98 % of a CPU). The workers went before it, and no block "
      "shows it; stop it all the same where a percent matters.");
  EXPECT_EQ(warning_of_load_beside(stress, 126.0, false),
            "a foreign load ran beside this run, seen from 02:06 on: stress (4711, 98 % of a CPU). No block shows it; stop it all the same "
            "where a percent matters.");
}

TEST(ForeignLoad, ShowsInNoBlockThatTheHypervisorDisturbed) {
  BlockLoad stolen;
  stolen.steal_share = 0.5;
  std::vector<TimedLoad> blocks{{0.0, 0.2, foreign(0.05), false}, {1.0, 0.2, stolen, true}};
  EXPECT_FALSE(shows_foreign_load(blocks, 2));
  blocks.push_back({2.0, 0.2, foreign(0.5), true});
  EXPECT_TRUE(shows_foreign_load(blocks, 2));
}

TEST(LoadOfABlock, LastsAsLongAsItsSamplesAndLeadIns) {
  Block block;
  block.lead_in_ns = {100'000'000};
  block.samples_ns = {200'000'000, 300'000'000};
  block.load = foreign(0.25);
  const TimedLoad load = timed_load(block, 7.0);
  EXPECT_DOUBLE_EQ(load.at_s, 7.0);
  EXPECT_DOUBLE_EQ(load.seconds, 0.6);
  EXPECT_EQ(load.load.foreign_share, 0.25);
  EXPECT_FALSE(load.has_evidence);
}

}  // namespace
