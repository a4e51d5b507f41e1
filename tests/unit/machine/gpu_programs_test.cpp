#include "machine/gpu_programs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "fake_nvml.h"
#include "machine/evidence.h"

namespace {

using namespace podium::machine;
using namespace std::chrono_literals;
using podium::Block;
using podium::Cell;
using podium::GpuLoad;
using podium::GpuProgram;
using podium::test::FakeNvml;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// This process stands for the run and its parent for another program: both are there, and their numbers are known.
ForeignGpuUse seen(const std::string& readings, const std::string& driver = "today") {
  const FakeNvml fake(readings);
  std::set<pid_t> ours;
  return foreign_gpu_use(**FakeNvml::open(driver), 0, 100ms, ours);
}

std::string held_by_us() {
  return fmt::format("holds_{} 1\n", ::getpid());
}

TEST(GpuPrograms, AreThoseThatAreNotOursWithTheirNames) {
  const ForeignGpuUse use = seen(held_by_us() + fmt::format("holds_{} 1\nuses_{} 60\nuses_{} 35", ::getppid(), ::getpid(), ::getppid()));
  ASSERT_TRUE(use.share);
  EXPECT_DOUBLE_EQ(*use.share, 0.35);
  ASSERT_EQ(use.programs.size(), 1U);
  EXPECT_EQ(use.programs[0].pid, ::getppid());
  EXPECT_FALSE(use.programs[0].name.empty());
  EXPECT_NE(use.programs[0].name, "a program that has ended");
  EXPECT_EQ(use.reason, "");
}

TEST(GpuPrograms, OfWhichNoneRanTookNothing) {
  const ForeignGpuUse use = seen(held_by_us() + fmt::format("holds_{} 1\nuses_{} 99\nuses_{} 0", ::getppid(), ::getpid(), ::getppid()));
  EXPECT_EQ(use.share, 0.0);
  EXPECT_TRUE(use.programs.empty()) << "one that holds memory and runs nothing takes no time";
}

TEST(GpuPrograms, ThatEndedMeanwhileCountToo) {
  const ForeignGpuUse use = seen(held_by_us() + fmt::format("uses_{} 60\nuses_999999999 80\nuses_{} 70", ::getpid(), ::getppid()));
  EXPECT_EQ(use.share, 1.0) << "no more than the whole GPU";
  ASSERT_EQ(use.programs.size(), 2U);
  EXPECT_EQ(use.programs[0].name, "a program that has ended") << "the busiest first";
}

TEST(GpuPrograms, AreNotOurOwnWorkersThatHaveEnded) {
  const FakeNvml fake(held_by_us() + fmt::format("uses_{} 60\nuses_999999999 80", ::getpid()));
  std::set<pid_t> ours{999'999'999};
  EXPECT_EQ(foreign_gpu_use(**FakeNvml::open(), 0, 100ms, ours).share, 0.0);
  EXPECT_TRUE(ours.contains(::getpid())) << "whoever is found to be ours is known when it has ended";
}

TEST(GpuPrograms, AreNotKnownWhereTheDriverHasNotLooked) {
  const ForeignGpuUse use = seen(held_by_us());
  EXPECT_FALSE(use.share);
  EXPECT_EQ(use.reason, "") << "the next block may tell";
}

TEST(GpuPrograms, AreNotKnownWhereTheDriverNumbersProcessesOtherwise) {
  const ForeignGpuUse use = seen(fmt::format("holds_{} 1\nuses_{} 99", ::getppid(), ::getppid()));
  EXPECT_FALSE(use.share) << "what is not known to be another's is no evidence";
  EXPECT_THAT(use.reason, HasSubstr("does not list this run's own worker"));
}

TEST(GpuPrograms, AreNotKnownWhereTheDriverDoesNotTellAndItSaysWhy) {
  EXPECT_THAT(seen("lists_no_process 1").reason, StartsWith("the driver does not tell which processes are on the GPU: "));
  const ForeignGpuUse use = seen(held_by_us() + "tells_no_use 1");
  EXPECT_FALSE(use.share);
  EXPECT_THAT(use.reason, StartsWith("the driver does not tell which processes use the GPU how much: "));
  EXPECT_EQ(seen(held_by_us(), "old").reason, "the driver does not tell which processes are on the GPU");
}

TEST(GpuPrograms, OfALongListAreAllTold) {
  std::string readings = held_by_us();
  for (int i = 0; i < 300; ++i) readings += fmt::format("uses_{} 1\n", 900'000'000 + i);
  EXPECT_EQ(seen(readings).programs.size(), 300U);
}

TEST(GpuPrograms, ArePartOfABlocksLoadAndEvidenceAgainstIt) {
  const FakeNvml fake(held_by_us() + fmt::format("uses_{} 35", ::getppid()));
  GpuWatch watch = FakeNvml::watch();
  watch.begin();
  podium::BlockLoad load;
  load.gpu = watch.end(0.1);
  ASSERT_TRUE(load.gpu->foreign);
  EXPECT_DOUBLE_EQ(*load.gpu->foreign_share, 0.35);
  const auto evidence = evidence_against(load, 100ms, 2);
  ASSERT_TRUE(evidence);
  EXPECT_THAT(*evidence, StartsWith("other programs took 35 % of the GPU: "));
  EXPECT_THAT(*evidence, HasSubstr(fmt::format("({}, 35 % of the GPU)", ::getppid())));
  load.gpu->foreign_share = 0.05;
  EXPECT_FALSE(evidence_against(load, 100ms, 2)) << "a desktop's windows";
}

TEST(GpuPrograms, AreNamedInTheWarning) {
  const auto block_with = [](double at_s, std::vector<GpuProgram> programs) {
    TimedLoad block{at_s, 0.1};
    GpuLoad& gpu = block.load.gpu.emplace();
    gpu.foreign_share = 0.0;
    for (const GpuProgram& program : programs) *gpu.foreign_share += program.share;
    if (!programs.empty()) gpu.foreign = std::move(programs);
    return block;
  };
  const std::vector<TimedLoad> blocks{block_with(1.0, {}), block_with(2.0, {{4711, "trainer", 0.3}}),
                                      block_with(65.0, {{4711, "trainer", 0.5}, {4712, "viewer", 0.2}})};
  const auto warnings = warnings_from(blocks, 2, {});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(
      warnings[0],
      "other programs, which took up to 70 % of the GPU, disturbed 2 of 3 blocks from 00:02 on; stop trainer (4711, 40 % of the GPU), "
      "viewer (4712, 10 % of the GPU) and measure again.");
}

TEST(GpuPrograms, OfACellOfWhichNoBlockKnowsThemAreMissingWithTheReason) {
  constexpr const char* key = "blocks.load.gpu.foreign_share";
  Cell cell;
  cell.blocks.resize(2);
  tell_unknown_gpu_use(cell, "not told");
  EXPECT_TRUE(cell.missing.empty()) << "it ran on no GPU";
  cell.blocks[0].load.gpu.emplace();
  tell_unknown_gpu_use(cell, "not told");
  EXPECT_EQ(cell.missing.at(key), "not told");
  tell_unknown_gpu_use(cell, "");
  EXPECT_THAT(cell.missing.at(key), HasSubstr("did not look"));
  cell.blocks[0].load.gpu->foreign_share = 0.0;
  tell_unknown_gpu_use(cell, "not told");
  EXPECT_TRUE(cell.missing.empty());
}

}  // namespace
