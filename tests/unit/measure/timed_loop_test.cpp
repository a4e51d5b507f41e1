#include "measure/timed_loop.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace podium::measure {
namespace {

TEST(TimedLoop, RunsUntilTheMinimumIsThereEvenWhenTheTimeIsUp) {
  std::array<std::uint64_t, 10> samples{};
  LoopFigures figures;
  int calls = 0;
  ASSERT_TRUE(
      timed_loop({.duration_ns = 0, .minimum_samples = 4, .iterations_per_sample = 3}, samples, figures, [&calls] { return ++calls > 0; }));
  EXPECT_EQ(figures.samples, 4);
  EXPECT_EQ(calls, 12);
}

TEST(TimedLoop, StopsWhenTheSamplesAreFull) {
  std::array<std::uint64_t, 5> samples{};
  LoopFigures figures;
  int calls = 0;
  const std::int64_t an_hour = std::int64_t{3600} * 1'000'000'000;
  ASSERT_TRUE(timed_loop({.duration_ns = an_hour, .minimum_samples = 1, .iterations_per_sample = 1}, samples, figures,
                         [&calls] { return ++calls > 0; }));
  EXPECT_EQ(figures.samples, 5);
  EXPECT_EQ(calls, 5);
}

TEST(TimedLoop, TimesEachSampleAndNothingElse) {
  std::array<std::uint64_t, 3> samples{};
  LoopFigures figures;
  const std::int64_t before = monotonic_ns();
  ASSERT_TRUE(timed_loop({.duration_ns = 0, .minimum_samples = 3, .iterations_per_sample = 1}, samples, figures, [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return true;
  }));
  std::uint64_t sum = 0;
  for (const std::uint64_t sample : samples) {
    EXPECT_GE(sample, 2'000'000U);
    sum += sample;
  }
  EXPECT_GE(figures.start_ns, before);
  EXPECT_LE(sum, static_cast<std::uint64_t>(figures.elapsed_ns));
}

TEST(TimedLoop, EndsAtOnceWhenACallFails) {
  std::array<std::uint64_t, 10> samples{};
  LoopFigures figures;
  int calls = 0;
  EXPECT_FALSE(
      timed_loop({.duration_ns = 0, .minimum_samples = 5, .iterations_per_sample = 1}, samples, figures, [&calls] { return ++calls < 3; }));
  EXPECT_EQ(calls, 3);
}

TEST(TimedLoop, MakesNothingOfNoRoom) {
  LoopFigures figures;
  EXPECT_TRUE(timed_loop({}, {}, figures, [] { return true; }));
  EXPECT_EQ(figures.samples, 0);
}

}  // namespace
}  // namespace podium::measure
