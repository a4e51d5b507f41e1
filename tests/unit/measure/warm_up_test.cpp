#include "measure/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace podium::measure {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// Windows of 200 ms with these medians.
WarmUpWatch after(const std::vector<double>& medians) {
  WarmUpWatch watch;
  for (const double value : medians) watch.add_window({value, value, value}, 20, 200ms);
  return watch;
}

TEST(WarmUp, IsSteadyWhereNothingChanges) {
  const WarmUpWatch watch = after({100, 100, 100, 100, 100, 100});
  EXPECT_TRUE(watch.is_steady());
  EXPECT_TRUE(watch.is_over());
  EXPECT_EQ(watch.call_time(), 100ns);
}

TEST(WarmUp, GoesOnWhileCallsGetFaster) {
  EXPECT_FALSE(after({150, 140, 132, 125, 120, 116}).is_over());
}

TEST(WarmUp, GoesOnWhileTheProcessorSlowsDown) {
  EXPECT_FALSE(after({100, 101, 102.5, 102, 104, 105}).is_over());
}

TEST(WarmUp, IsOverOnceTheTrendHasLeftTheLastWindows) {
  EXPECT_TRUE(after({200, 150, 120, 101, 99, 100, 101, 100, 99.5}).is_over());
}

TEST(WarmUp, SeesASingleStep) {
  EXPECT_FALSE(after({110, 110.2, 110.1, 100, 100.1, 99.9}).is_steady());
  EXPECT_FALSE(after({100, 100, 100, 100, 110, 110}).is_steady());
}

TEST(WarmUp, OverlooksATrendTooSmallToMatter) {
  EXPECT_TRUE(after({100.00, 100.05, 100.10, 100.15, 100.20, 100.25}).is_steady());
}

TEST(WarmUp, TakesNoiseForSteadyNearlyAlways) {
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal(100.0, 3.0);
  int steady = 0;
  for (int run = 0; run < 2000; ++run) {
    std::vector<double> medians;
    for (int i = 0; i < 6; ++i) medians.push_back(normal(generator));
    if (after(medians).is_steady()) ++steady;
  }
  EXPECT_GT(steady, 1900);
}

TEST(WarmUp, LastsTenCallsAndASecondAtLeast) {
  WarmUpWatch quick;
  for (int i = 0; i < 6; ++i) quick.add_window({100}, 1000, 100ms);
  EXPECT_TRUE(quick.is_steady());
  EXPECT_FALSE(quick.is_over()) << "0.6 s";
  WarmUpWatch few;
  for (int i = 0; i < 6; ++i) few.add_window({1e9}, 1, 1s);
  EXPECT_FALSE(few.is_over()) << "six calls";
}

TEST(WarmUp, EndsAtItsCapAndSaysThatItIsNotSteady) {
  WarmUpWatch watch;
  double call = 1000;
  for (int i = 0; i < 49; ++i) watch.add_window({call *= 0.98}, 20, 200ms);
  EXPECT_FALSE(watch.is_over());
  watch.add_window({call * 0.98}, 20, 200ms);
  EXPECT_TRUE(watch.is_over());
  EXPECT_FALSE(watch.summary().steady);
}

TEST(WarmUp, OfACellWithFewWindowsIsJudgedByThose) {
  WarmUpWatch watch;
  for (int i = 0; i < 3; ++i) watch.add_window({4e9}, 1, 4s);
  EXPECT_TRUE(watch.is_over());
  EXPECT_TRUE(watch.summary().steady);
}

TEST(WarmUp, IsSummedUp) {
  const WarmUp summary = after({3e6, 2e6}).summary();
  EXPECT_EQ(summary.iterations, 40);
  EXPECT_DOUBLE_EQ(summary.seconds, 0.4);
  EXPECT_FALSE(summary.steady);
  EXPECT_THAT(summary.trace_ms, ElementsAre(3.0, 2.0));
}

TEST(WarmUp, BearsNoWindowAtAll) {
  const WarmUpWatch watch;
  EXPECT_FALSE(watch.is_over());
  EXPECT_EQ(watch.call_time(), 0ns);
  EXPECT_FALSE(watch.summary().steady);
}

TEST(WarmUp, OfALaterLaunchIsToldWhereThatAloneDidNotSettle) {
  std::optional<WarmUp> kept;
  keep_worse(kept, {10, 1.0, true, {1.0}});
  ASSERT_TRUE(kept);
  keep_worse(kept, {20, 2.0, true, {2.0}});
  EXPECT_EQ(kept->iterations, 10) << "the first of those that settled";
  keep_worse(kept, {30, 10.0, false, {3.0}});
  EXPECT_FALSE(kept->steady);
  EXPECT_EQ(kept->iterations, 30);
  keep_worse(kept, {40, 10.0, false, {4.0}});
  keep_worse(kept, {50, 1.0, true, {5.0}});
  EXPECT_FALSE(kept->steady) << "samples of an unsteady launch stay in its figures";
  EXPECT_EQ(kept->iterations, 30);
}

}  // namespace
}  // namespace podium::measure
