#include "measure/two_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace podium::measure {
namespace {

Block block_of(std::int64_t launch, std::int64_t round, double milliseconds) {
  Block block;
  block.launch = launch;
  block.round = round;
  const auto nanoseconds = static_cast<std::int64_t>(std::llround(milliseconds * 1e6));
  block.samples_ns = {nanoseconds, nanoseconds, nanoseconds};
  return block;
}

/// One list of milliseconds for each launch, a round each.
RoundValues run_of(const std::vector<std::vector<double>>& launches) {
  std::vector<Block> blocks;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    for (std::size_t round = 0; round < launches[launch].size(); ++round)
      blocks.push_back(block_of(static_cast<std::int64_t>(launch), static_cast<std::int64_t>(round), launches[launch][round]));
  }
  return log_medians(blocks);
}

std::optional<Change> change_of(const RoundValues& before, const RoundValues& after) {
  return change_between(std::span(&before, 1), std::span(&after, 1));
}

Judgement judged(const RoundValues& before, const RoundValues& after) {
  const std::vector<Change> changes{change_of(before, after).value()};
  return judge(changes).front();
}

/// Runs of a cell whose launches differ by 1 % and whose rounds by 1 % more, as a machine makes them.
class SimulatedMachine {
 public:
  explicit SimulatedMachine(unsigned seed, double launch_deviation = 0.01, double round_deviation = 0.01)
      : random_(seed), of_launch_(0.0, launch_deviation), of_round_(0.0, round_deviation) {}

  RoundValues run(double milliseconds, int launches) {
    RoundValues values;
    for (std::int64_t launch = 0; launch < launches; ++launch) {
      const double level = std::log(milliseconds) + of_launch_(random_);
      for (std::int64_t round = 0; round < 8; ++round) values[launch][round] = level + of_round_(random_);
    }
    return values;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> of_launch_;
  std::normal_distribution<double> of_round_;
};

TEST(LogMedians, LeaveOutWhatWasSetAsideAndWhatAClockReadAsZero) {
  std::vector<Block> blocks{block_of(0, 0, 2.0), block_of(0, 1, 500.0), block_of(1, 0, 0.0)};
  blocks[1].set_aside = true;
  const RoundValues values = log_medians(blocks);
  ASSERT_EQ(values.size(), 1U);
  ASSERT_EQ(values.at(0).size(), 1U);
  EXPECT_DOUBLE_EQ(values.at(0).at(0), std::log(2.0));
}

TEST(LogMedians, AreForOneCall) {
  Block block = block_of(0, 0, 20.0);
  block.iterations_per_sample = 10;
  EXPECT_DOUBLE_EQ(log_medians(std::vector{block}).at(0).at(0), std::log(2.0));
}

TEST(LogRatios, PairRoundsOfOneLaunchAndLeaveOutThoseWithoutPartner) {
  const std::vector<Block> cell{block_of(0, 0, 3.0), block_of(0, 1, 3.0), block_of(1, 0, 9.0)};
  const std::vector<Block> baseline{block_of(0, 0, 6.0), block_of(2, 0, 1.0)};
  const RoundValues ratios = log_ratios(cell, baseline);
  ASSERT_EQ(ratios.size(), 1U);
  ASSERT_EQ(ratios.at(0).size(), 1U);
  EXPECT_DOUBLE_EQ(ratios.at(0).at(0), std::log(0.5));
}

/// Reference: Welch's t by hand. Means 0.02 and 0.12 apart from log 10, variances 4e-4 and 1e-4 over three and four launches.
TEST(Welch, AgreesWithTheFormula) {
  const auto launch = [](double logarithm) { return std::vector{10.0 * std::exp(logarithm)}; };
  const Change change =
      change_of(run_of({launch(0.00), launch(0.02), launch(0.04)}), run_of({launch(0.11), launch(0.11), launch(0.13), launch(0.13)}))
          .value();
  EXPECT_EQ(change.units, Units::launches);
  EXPECT_NEAR(change.difference.value, 0.1, 1e-6);
  const double a = 4e-4 / 3.0;
  const double b = 4e-4 / 3.0 / 4.0;
  EXPECT_NEAR(change.difference.standard_error, std::sqrt(a + b), 1e-6);
  EXPECT_NEAR(change.difference.degrees_of_freedom, (a + b) * (a + b) / (a * a / 2.0 + b * b / 3.0), 1e-3);
}

TEST(Units, AreLaunchesWhereBothSidesHaveTwo) {
  const Change change = change_of(run_of({{2.0, 2.2}, {2.1}}), run_of({{2.0}, {2.1}, {2.2}})).value();
  EXPECT_EQ(change.units, Units::launches);
  EXPECT_EQ(change.before.n, 2U);
  EXPECT_EQ(change.after.n, 3U);
}

TEST(Units, AreRoundsWhereOneSideHasASingleLaunch) {
  const Change change = change_of(run_of({{2.0, 2.1, 2.2}}), run_of({{2.0, 2.1}, {2.1, 2.2}})).value();
  EXPECT_EQ(change.units, Units::rounds);
  EXPECT_EQ(change.before.n, 3U);
  EXPECT_EQ(change.after.n, 4U);
}

TEST(Units, AreRunsWhereBothSidesHaveTwo) {
  const std::vector<RoundValues> before{run_of({{2.0}, {2.2}}), run_of({{2.1}})};
  const std::vector<RoundValues> after{run_of({{2.0}}), run_of({{2.1}}), run_of({{2.2}})};
  const Change change = change_between(before, after).value();
  EXPECT_EQ(change.units, Units::runs);
  EXPECT_EQ(change.before.n, 2U);
  EXPECT_EQ(change.after.n, 3U);
}

TEST(Units, OfSeveralRunsAgainstOneAreLaunches) {
  const std::vector<RoundValues> before{run_of({{2.0}}), run_of({{2.1}})};
  const std::vector<RoundValues> after{run_of({{2.0}, {2.1}})};
  EXPECT_EQ(change_between(before, after).value().units, Units::launches);
}

TEST(Units, DoNotCountARunThatHasNothingOfTheCell) {
  const std::vector<RoundValues> before{run_of({{2.0, 2.1}}), RoundValues{}};
  const std::vector<RoundValues> after{run_of({{2.0, 2.2}}), run_of({{2.0, 2.2}})};
  EXPECT_EQ(change_between(before, after).value().units, Units::rounds);
}

TEST(Change, IsNothingWhereASideHasNoValue) {
  EXPECT_FALSE(change_of(RoundValues{}, run_of({{2.0, 2.1}})));
  EXPECT_FALSE(change_between({}, {}));
}

TEST(Change, OfASingleRoundHasARatioAndNoInterval) {
  const Judgement judgement = judged(run_of({{2.0}}), run_of({{3.0}}));
  EXPECT_DOUBLE_EQ(judgement.ratio.value, 1.5);
  EXPECT_FALSE(judgement.ratio.ci95);
  EXPECT_FALSE(judgement.corrected);
  EXPECT_EQ(judgement.relation, Relation::tied);
}

TEST(Change, OfUnitsThatAreAllTheSameIsJudgedByTheMarginAlone) {
  EXPECT_EQ(judged(run_of({{2.0, 2.0}}), run_of({{2.0, 2.0}})).relation, Relation::tied);
  EXPECT_EQ(judged(run_of({{2.0, 2.0}}), run_of({{2.01, 2.01}})).relation, Relation::tied);
  EXPECT_EQ(judged(run_of({{2.0, 2.0}}), run_of({{2.1, 2.1}})).relation, Relation::slower);
  EXPECT_EQ(judged(run_of({{2.0, 2.0}}), run_of({{1.9, 1.9}})).relation, Relation::faster);
}

TEST(Change, ThatIsCertainButSmallIsATie) {
  const Judgement judgement = judged(run_of({{2.000, 2.001, 2.000, 2.001}}), run_of({{2.010, 2.011, 2.010, 2.011}}));
  EXPECT_GT(judgement.ratio.ci95->low, 1.0);
  EXPECT_EQ(judgement.relation, Relation::tied);
}

TEST(Judge, GivesNothingForNothing) {
  EXPECT_TRUE(judge({}).empty());
}

/// By Holm the same evidence is judged more strictly where more cells are compared.
TEST(Judge, WidensIntervalsWithTheNumberOfCells) {
  const Change change = change_of(run_of({{2.0, 2.02, 2.04}}), run_of({{2.1, 2.12, 2.14}})).value();
  const Judgement alone = judge(std::vector{change}).front();
  EXPECT_EQ(alone.relation, Relation::slower);
  EXPECT_DOUBLE_EQ(alone.corrected->low, alone.ratio.ci95->low);
  const Change still = change_of(run_of({{2.0, 2.02, 2.04}}), run_of({{2.0, 2.02, 2.04}})).value();
  std::vector<Change> many(20, still);
  many.push_back(change);
  const Judgement among_many = judge(many).back();
  EXPECT_LT(among_many.corrected->low, alone.corrected->low);
  EXPECT_EQ(among_many.relation, Relation::tied);
}

TEST(Judge, StepsDownFromTheSurestOne) {
  // Two cells with the same evidence: alone each holds at 5 %, and the second is judged at 5 % once the first was found at 2.5 %.
  const Change sure = change_of(run_of({{2.0, 2.01, 2.02}}), run_of({{4.0, 4.01, 4.02}})).value();
  const Change fair = change_of(run_of({{2.0, 2.02, 2.04}}), run_of({{2.09, 2.11, 2.13}})).value();
  const Judgement fair_alone = judge(std::vector{fair}).front();
  const std::vector<Judgement> both = judge(std::vector{fair, sure});
  EXPECT_EQ(both[1].relation, Relation::slower);
  EXPECT_DOUBLE_EQ(both[0].corrected->low, fair_alone.corrected->low);
  EXPECT_EQ(both[0].relation, fair_alone.relation);
}

/// The relation is never at odds with the interval that is shown beside it.
TEST(Judge, SaysSlowerExactlyWhereTheCorrectedIntervalIsOutsideTheMargin) {
  SimulatedMachine machine(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Change> changes;
    for (int cell = 0; cell < 6; ++cell) changes.push_back(change_of(machine.run(10.0, 4), machine.run(10.0 + 0.15 * cell, 4)).value());
    for (const Judgement& judgement : judge(changes)) {
      const bool outside = judgement.corrected->low > 1.0 + equivalence_margin || judgement.corrected->high < 1.0 - equivalence_margin;
      EXPECT_EQ(judgement.relation != Relation::tied, outside);
    }
  }
}

TEST(Welch, IntervalsOverLaunchesCoverTheTruth) {
  constexpr int trials = 2000;
  for (const int launches : {3, 4, 5}) {
    SimulatedMachine machine(1234);
    int covered = 0;
    for (int trial = 0; trial < trials; ++trial) {
      const Interval interval = judged(machine.run(10.0, launches), machine.run(10.5, launches)).ratio.ci95.value();
      covered += interval.low <= 1.05 && 1.05 <= interval.high ? 1 : 0;
    }
    EXPECT_GE(covered, trials * 93 / 100) << launches << " launches";
    EXPECT_LE(covered, trials * 97 / 100 + trials / 100) << launches << " launches";  // Welch errs on the safe side with few units
  }
}

/// What the interval over rounds of one launch leaves out, and why it is said which units were used.
TEST(Welch, IntervalsOverRoundsDoNotCoverWhatLaunchesDiffer) {
  constexpr int trials = 1000;
  SimulatedMachine machine(99);
  int covered = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Interval interval = judged(machine.run(10.0, 1), machine.run(10.0, 1)).ratio.ci95.value();
    covered += interval.low <= 1.0 && 1.0 <= interval.high ? 1 : 0;
  }
  EXPECT_LT(covered, trials * 80 / 100);
}

TEST(Welch, FindsNoChangeBetweenRunsOfTheSameSpeed) {
  constexpr int trials = 400;
  SimulatedMachine machine(4321);
  int false_alarms = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<Change> changes;
    for (int cell = 0; cell < 8; ++cell) changes.push_back(change_of(machine.run(10.0, 4), machine.run(10.0, 4)).value());
    bool any = false;
    for (const Judgement& judgement : judge(changes)) any = any || judgement.relation != Relation::tied;
    false_alarms += any ? 1 : 0;
  }
  EXPECT_LE(false_alarms, trials * 5 / 100);
}

TEST(Welch, FindsATrueChange) {
  constexpr int trials = 400;
  SimulatedMachine machine(17);
  int found = 0;
  for (int trial = 0; trial < trials; ++trial)
    found += judged(machine.run(10.0, 5), machine.run(10.6, 5)).relation == Relation::slower ? 1 : 0;
  EXPECT_GE(found, trials * 95 / 100);
}

}  // namespace
}  // namespace podium::measure
