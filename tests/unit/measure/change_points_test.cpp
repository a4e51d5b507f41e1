#include "measure/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace podium::measure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double alpha = 0.05;

/// Milliseconds as runs.
std::vector<RunValue> series(const std::vector<double>& milliseconds) {
  std::vector<RunValue> runs;
  for (const double ms : milliseconds) runs.push_back({std::log(ms), 0.0});
  return runs;
}

/// `length` runs around a level, alternating about it by half a percent: noise that a test can count on.
void add_level(std::vector<double>& milliseconds, std::size_t length, double level) {
  for (std::size_t i = 0; i < length; ++i) milliseconds.push_back(level * (i % 2 == 0 ? 1.005 : 0.995));
}

std::vector<double> levels(std::size_t length, const std::vector<double>& means) {
  std::vector<double> milliseconds;
  for (const double mean : means) add_level(milliseconds, length, mean);
  return milliseconds;
}

std::vector<std::size_t> changes_in(const std::vector<double>& milliseconds) {
  std::vector<std::size_t> places;
  for (const ChangePoint& change : course_of(series(milliseconds), alpha).changes) places.push_back(change.at);
  return places;
}

std::vector<RunValue> normal_runs(std::mt19937_64& random, std::size_t length, double deviation) {
  std::normal_distribution<double> noise(2.0, deviation);
  std::vector<RunValue> runs;
  for (std::size_t i = 0; i < length; ++i) runs.push_back({noise(random), 0.0});
  return runs;
}

TEST(ChangePoints, AreNoneWhereNothingChanges) {
  const Course course = course_of(series(levels(20, {10.0})), alpha);
  EXPECT_THAT(course.changes, IsEmpty());
  EXPECT_FALSE(course.drift);
  ASSERT_EQ(course.levels.size(), 1U);
  EXPECT_EQ(course.levels[0].first, 0U);
  EXPECT_EQ(course.levels[0].last, 19U);
  EXPECT_EQ(course.levels[0].runs.n, 20U);
}

TEST(ChangePoints, AreFoundAtOneStep) {
  const Course course = course_of(series(levels(10, {10.0, 11.0})), alpha);
  ASSERT_EQ(course.changes.size(), 1U);
  EXPECT_EQ(course.changes[0].at, 10U);
  EXPECT_NEAR(std::exp(course.changes[0].difference.value), 1.1, 1e-3);
  ASSERT_EQ(course.levels.size(), 2U);
  EXPECT_EQ(course.levels[0].last, 9U);
  EXPECT_EQ(course.levels[1].first, 10U);
}

TEST(ChangePoints, AreFoundAtTwoStepsUp) {
  EXPECT_THAT(changes_in(levels(8, {10.0, 11.0, 12.5})), ElementsAre(8U, 16U));
}

TEST(ChangePoints, AreFoundWhereASpellIsSlowAndOverAgain) {
  EXPECT_THAT(changes_in(levels(10, {10.0, 12.0, 10.0})), ElementsAre(10U, 20U));
}

/// In the whole series its mean drowns; in the stretch that holds little else it does not.
TEST(ChangePoints, AreFoundAtAShortSpellInALongSeries) {
  std::vector<double> milliseconds = levels(40, {10.0});
  add_level(milliseconds, 5, 11.0);
  add_level(milliseconds, 40, 10.0);
  EXPECT_THAT(changes_in(milliseconds), ElementsAre(40U, 45U));
}

TEST(ChangePoints, NeedThreeRunsOnBothSides) {
  std::vector<double> milliseconds = levels(12, {10.0});
  add_level(milliseconds, 2, 12.0);
  EXPECT_THAT(changes_in(milliseconds), IsEmpty());
  milliseconds.push_back(12.0);
  EXPECT_THAT(changes_in(milliseconds), ElementsAre(12U));
}

TEST(ChangePoints, AreNoneInLessThanSixRuns) {
  EXPECT_THAT(changes_in({10.0, 10.0, 10.0, 20.0, 20.0}), IsEmpty());
  EXPECT_THAT(changes_in({10.0, 10.0, 10.0, 20.0, 20.0, 20.0}), ElementsAre(3U));
  EXPECT_TRUE(course_of({}, alpha).levels.empty());
  EXPECT_EQ(course_of(series({10.0}), alpha).levels.size(), 1U);
}

TEST(ChangePoints, OfUnderOnePercentAreNone) {
  EXPECT_THAT(changes_in(levels(20, {10.0, 10.08})), IsEmpty());
}

TEST(ChangePoints, AreTheSameEachTime) {
  std::mt19937_64 random(5);
  std::vector<RunValue> runs = normal_runs(random, 40, 0.03);
  for (std::size_t i = 25; i < runs.size(); ++i) runs[i].value += 0.08;
  const Course first = course_of(runs, alpha);
  const Course again = course_of(runs, alpha);
  ASSERT_EQ(first.changes.size(), again.changes.size());
  for (std::size_t i = 0; i < first.changes.size(); ++i) EXPECT_EQ(first.changes[i].at, again.changes[i].at);
}

/// Runs that agree by chance are no surer than their own launches let them be.
TEST(ChangePoints, AreNotToldOnMoreThanTheRunsOwnIntervalsAllow) {
  std::vector<RunValue> runs = series({10.0, 10.0, 10.0, 10.4, 10.4, 10.4});
  EXPECT_EQ(course_of(runs, alpha).changes.size(), 1U);
  for (RunValue& run : runs) run.variance = 0.03 * 0.03;
  EXPECT_THAT(course_of(runs, alpha).changes, IsEmpty());
}

double hidden_in(const std::vector<double>& milliseconds) {
  const auto runs = series(milliseconds);
  return hidden_step(course_of(runs, alpha), alpha);
}

TEST(HiddenSteps, AreAllWhereRunsAreTooFew) {
  EXPECT_TRUE(std::isinf(hidden_in({})));
  EXPECT_TRUE(std::isinf(hidden_in(levels(5, {10.0}))));
  EXPECT_TRUE(std::isfinite(hidden_in(levels(6, {10.0}))));
}

TEST(HiddenSteps, AreLargerInNoise) {
  std::vector<double> noisy;
  for (int i = 0; i < 10; ++i) noisy.push_back(i % 2 == 0 ? 10.2 : 9.8);
  EXPECT_GT(hidden_in(noisy), 3.0 * hidden_in(levels(10, {10.0}))) << "four times the deviation";
}

TEST(HiddenSteps, CountNoChangeThatWasTold) {
  EXPECT_LT(hidden_in(levels(12, {10.0, 14.0})), 1.5 * hidden_in(levels(12, {10.0}))) << "the noise is that within levels";
}

/// What was said to be hidden is: a step of half the size, with the same noise, is hardly ever told, one of three times the size mostly.
TEST(HiddenSteps, AreThoseThatAreNotTold) {
  std::mt19937_64 random(7);
  int told_half = 0;
  int told_three = 0;
  constexpr int trials = 200;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<RunValue> runs = normal_runs(random, 12, 0.005);
    const double hidden = hidden_step(course_of(runs, alpha), alpha);
    const auto stepped = [&](double share) {
      std::vector<RunValue> with_step = runs;
      for (std::size_t i = runs.size() - 3; i < runs.size(); ++i) with_step[i].value += std::log1p(share);
      return !course_of(with_step, alpha).changes.empty();
    };
    told_half += stepped(0.5 * hidden) ? 1 : 0;
    told_three += stepped(3.0 * hidden) ? 1 : 0;
  }
  EXPECT_LT(told_half, trials / 2);
  EXPECT_GT(told_three, trials * 3 / 4);
}

TEST(Drift, IsALineAndNoStaircase) {
  std::vector<double> milliseconds;
  for (int i = 0; i < 30; ++i) milliseconds.push_back(10.0 * std::pow(1.2, i / 29.0) * (i % 2 == 0 ? 1.005 : 0.995));
  const Course course = course_of(series(milliseconds), alpha);
  ASSERT_TRUE(course.drift);
  EXPECT_NEAR(std::exp(course.drift->over_all.value), 1.2, 0.01);
  EXPECT_THAT(course.changes, IsEmpty());
  EXPECT_EQ(course.levels.size(), 1U);
}

TEST(Drift, IsNotWhatStepsAre) {
  for (const auto& means : {std::vector{10.0, 11.0}, std::vector{10.0, 11.0, 12.0}, std::vector{12.0, 10.0, 12.0}})
    EXPECT_FALSE(course_of(series(levels(10, means)), alpha).drift);
}

TEST(RunsThatStandAlone, AreNoChange) {
  for (const std::size_t place : {2U, 9U, 17U}) {
    std::vector<double> milliseconds = levels(20, {10.0});
    milliseconds[place] = 14.0;
    const Course course = course_of(series(milliseconds), alpha);
    EXPECT_THAT(course.changes, IsEmpty()) << place;
    EXPECT_FALSE(course.drift) << place;
    EXPECT_TRUE(course.stands_alone[place]);
    EXPECT_EQ(course.levels[0].runs.n, 19U) << place;
  }
}

TEST(RunsThatStandAlone, AreNotToldAtTheEndsAndAreNoChangeThereEither) {
  for (const std::size_t place : {0U, 1U, 18U, 19U}) {
    std::vector<double> milliseconds = levels(20, {10.0});
    milliseconds[place] = 14.0;
    const Course course = course_of(series(milliseconds), alpha);
    EXPECT_THAT(course.changes, IsEmpty()) << place;
    EXPECT_FALSE(course.stands_alone[place]);
  }
}

TEST(RunsThatStandAlone, DoNotHideAStep) {
  std::vector<double> milliseconds = levels(10, {10.0, 11.0});
  milliseconds[4] = 16.0;
  EXPECT_THAT(changes_in(milliseconds), ElementsAre(10U));
}

TEST(RunsThatStandAlone, AreNotTheFirstOfANewLevel) {
  const std::vector<bool> alone = runs_that_stand_alone(series(levels(10, {10.0, 11.0})));
  EXPECT_THAT(alone, testing::Each(false));
}

/// How often something is told where nothing changed, at noise far over the margin of 1 % (which would hide false alarms).
double share_of_false_alarms(std::size_t length, double deviation, int trials) {
  std::mt19937_64 random(20'231'119);
  int alarms = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Course course = course_of(normal_runs(random, length, deviation), alpha);
    alarms += !course.changes.empty() || course.drift ? 1 : 0;
  }
  return static_cast<double>(alarms) / trials;
}

TEST(FalseAlarms, KeepToTheirLevel) {
  for (const std::size_t length : {6U, 10U, 20U, 50U, 120U}) {
    const double share = share_of_false_alarms(length, 0.2, 1500);
    RecordProperty("runs_" + std::to_string(length), std::to_string(share));
    EXPECT_LE(share, alpha + 0.006) << length << " runs";  // one standard error of the simulation
  }
}

TEST(FalseAlarms, AreFewerStillWhereTheNoiseIsThatOfAMachine) {
  EXPECT_LE(share_of_false_alarms(30, 0.01, 1000), 0.03);
}

TEST(FalseAlarms, KeepToTheirLevelWhereOneRunInTwentyIsAnOutlier) {
  std::mt19937_64 random(31);
  std::uniform_real_distribution<double> chance(0.0, 1.0);
  constexpr int trials = 1000;
  int alarms = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<RunValue> runs = normal_runs(random, 40, 0.02);
    for (RunValue& run : runs) run.value += chance(random) < 0.05 ? 0.3 : 0.0;
    const Course course = course_of(runs, alpha);
    alarms += !course.changes.empty() || course.drift ? 1 : 0;
  }
  EXPECT_LE(alarms, trials * 56 / 1000);
}

/// Eight percent at two percent of noise, ten runs on either side: found, and found where it is.
TEST(Steps, AreFoundThroughNoise) {
  std::mt19937_64 random(7);
  constexpr int trials = 300;
  int found = 0;
  int near = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<RunValue> runs = normal_runs(random, 20, 0.02);
    for (std::size_t i = 10; i < runs.size(); ++i) runs[i].value += std::log(1.08);
    const Course course = course_of(runs, alpha);
    if (course.changes.size() != 1) continue;
    ++found;
    near += course.changes[0].at >= 8 && course.changes[0].at <= 12 ? 1 : 0;
  }
  EXPECT_GE(found, trials * 90 / 100);
  EXPECT_GE(near, found * 90 / 100);
}

}  // namespace
}  // namespace podium::measure
