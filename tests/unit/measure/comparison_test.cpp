#include "measure/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace podium::measure {
namespace {

Block block_of(std::int64_t launch, std::int64_t round, double milliseconds) {
  Block block;
  block.launch = launch;
  block.round = round;
  block.samples_ns = {std::llround(milliseconds * 1e6)};
  return block;
}

/// One launch with one block of one sample a round, in milliseconds.
std::vector<Block> rounds_of(const std::vector<double>& milliseconds) {
  std::vector<Block> blocks;
  for (const double value : milliseconds) blocks.push_back(block_of(0, static_cast<std::int64_t>(blocks.size()), value));
  return blocks;
}

/// One round a launch, in milliseconds.
std::vector<Block> launches_of(const std::vector<double>& milliseconds) {
  std::vector<Block> blocks;
  for (const double value : milliseconds) blocks.push_back(block_of(static_cast<std::int64_t>(blocks.size()), 0, value));
  return blocks;
}

Comparison compare(const std::vector<std::vector<Block>>& cells, std::vector<std::size_t> bridges = {}) {
  std::vector<std::span<const Block>> spans(cells.begin(), cells.end());
  return {spans, std::move(bridges)};
}

std::optional<Ratio> ratio_of(const std::vector<Block>& a, const std::vector<Block>& b) {
  return compare({a, b}).ratio(0, 1);
}

TEST(RatioOverLaunches, IsTheGeometricMeanWithStudentsInterval) {
  const std::optional<Ratio> ratio = ratio_of(launches_of({2.0, 2.2, 2.1, 2.4, 2.3}), launches_of({1.0, 1.05, 1.1, 1.15, 1.2}));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_EQ(ratio->launches, 5);
  // Of the differences of logarithms, by SciPy: mean ln 2, t(0.975, 4) = 2.7764451.
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->low, 1.8922925169638838, 1e-6);
  EXPECT_NEAR(ratio->ci95->high, 2.11383809011614, 1e-6);
}

TEST(RatioOverLaunches, TakesALaunchAsOneValueHoweverManyRoundsItHas) {
  std::vector<Block> a{block_of(0, 0, 2.0), block_of(1, 0, 3.0)};
  std::vector<Block> b{block_of(0, 0, 1.0), block_of(1, 0, 1.0)};
  for (std::int64_t round = 1; round < 50; ++round) {
    a.push_back(block_of(0, round, 2.0));
    b.push_back(block_of(0, round, 1.0));
  }
  const std::optional<Ratio> ratio = ratio_of(a, b);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, std::sqrt(6.0), 1e-9);
  EXPECT_EQ(ratio->launches, 2);
}

TEST(RatioOverLaunches, PairsRoundsWithinALaunchAndNotAcross) {
  // Round 0 of launch 1 is not round 0 of launch 0: the machine was twice as slow.
  const std::vector<Block> a{block_of(0, 0, 2.0), block_of(1, 0, 4.0), block_of(2, 0, 8.0)};
  const std::vector<Block> b{block_of(0, 0, 1.0), block_of(1, 0, 2.0), block_of(2, 0, 4.0)};
  const std::optional<Ratio> ratio = ratio_of(a, b);
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->ci95->low, 2.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->high, 2.0, 1e-9);
}

TEST(RatioOverLaunches, LeavesRoundsOutOnBothSidesWhereOneIsSetAside) {
  std::vector<Block> a;
  std::vector<Block> b;
  for (std::int64_t launch = 0; launch < 3; ++launch) {
    for (std::int64_t round = 0; round < 4; ++round) {
      a.push_back(block_of(launch, round, round == 2 ? 90.0 : 2.0));
      b.push_back(block_of(launch, round, round == 2 ? 30.0 : 1.0));
      a.back().set_aside = round == 2;
    }
  }
  const std::optional<Ratio> ratio = ratio_of(a, b);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
}

TEST(RatioOverLaunches, OfNoDeviationHasNoWidthAndTellsApart) {
  const Comparison comparison =
      compare({launches_of({1.0, 1.0, 1.0}), launches_of({1.02, 1.02, 1.02}), launches_of({1.005, 1.005, 1.005})});
  EXPECT_DOUBLE_EQ(comparison.ratio(0, 1)->ci95->low, comparison.ratio(0, 1)->ci95->high);
  EXPECT_EQ(comparison.relation(0, 1), Relation::faster);
  EXPECT_EQ(comparison.relation(0, 2), Relation::tied);
}

TEST(RatioOverTwoLaunches, PoolsTheDeviationOfEnoughCells) {
  const std::vector<std::vector<Block>> cells{launches_of({100.0, 103.0}), launches_of({133.0, 132.0}), launches_of({170.0, 174.0}),
                                              launches_of({320.0, 300.0})};
  const Comparison comparison = compare(cells);
  EXPECT_EQ(comparison.relation(0, 1), Relation::faster);
  const std::optional<Ratio> ratio = comparison.ratio(0, 1);
  ASSERT_TRUE(ratio && ratio->ci95);
  // By NumPy the pooled standard error is 0.03040, the pair's own 0.01855 and that which is assumed 0.02121. t(0.975, 3) = 3.1824463.
  EXPECT_NEAR(std::log(ratio->ci95->high / ratio->value), 3.1824463 * 0.0303972, 1e-4);
  EXPECT_EQ(compare({cells[0], cells[1]}).log_ratio(0, 1)->degrees_of_freedom, 1.0) << "two cells with two launches tell too little";
}

TEST(RatioOverTwoLaunches, AreTakenToStrayByThreePercentAtLeast) {
  const Comparison comparison =
      compare({launches_of({100.0, 100.0}), launches_of({109.0, 109.0}), launches_of({120.0, 120.2}), launches_of({140.0, 139.9})});
  const std::optional<LogRatio> ratio = comparison.log_ratio(0, 1);
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->standard_error, 0.03 / std::sqrt(2.0), 1e-9) << "that all of them agreed was luck";
  EXPECT_EQ(comparison.relation(0, 1), Relation::tied);
}

TEST(RatioOverTwoLaunches, OfARestlessCellKnowThemselvesAlone) {
  const Comparison comparison =
      compare({launches_of({100.0, 112.0}), launches_of({109.0, 109.0}), launches_of({120.0, 120.2}), launches_of({140.0, 139.9})});
  EXPECT_EQ(comparison.log_ratio(0, 1)->degrees_of_freedom, 1.0);
  EXPECT_EQ(comparison.log_ratio(1, 2)->degrees_of_freedom, 3.0) << "the calm ones are held to be as restless as the mean";
}

TEST(RatioOverTwoLaunches, AreToldApartByTheirDistanceWhereBothSaySo) {
  const std::vector<Block> restless = launches_of({160.0, 220.0});
  EXPECT_EQ(compare({launches_of({100.0, 100.0}), restless}).relation(0, 1), Relation::faster);
  EXPECT_EQ(compare({launches_of({100.0, 150.0}), restless}).relation(0, 1), Relation::tied) << "the second launch says less";
}

TEST(RatioOverLaunches, IsToldApartByItsDistanceWhereTwoBuildsThatDifferLeaveOneDegreeOfFreedom) {
  std::vector<std::vector<Block>> cells{launches_of({61.0, 62.0, 61.5, 57.0, 56.5, 57.2}), launches_of({100, 100, 100, 100, 100, 100}),
                                        launches_of({110, 111, 109, 110, 112, 110}), launches_of({130, 131, 129, 130, 132, 130}),
                                        launches_of({150, 151, 149, 150, 152, 150})};
  for (Block& block : cells[0]) block.build = block.launch < 3 ? 0 : 1;
  const Comparison comparison = compare(cells);
  EXPECT_EQ(comparison.relation(0, 1), Relation::faster);
  EXPECT_EQ(comparison.relation(4, 0), Relation::slower);
}

TEST(RatioOverLaunches, IsNotToldApartByADistanceThatOneLaunchDoesNotShow) {
  std::vector<std::vector<Block>> cells{launches_of({55.0, 55.0, 90.0}), launches_of({100.0, 100.0, 100.0})};
  EXPECT_EQ(compare(cells).relation(0, 1), Relation::tied);
}

TEST(RatioOverTwoLaunches, OfOneCellTellNothingOfTheOthersDeviation) {
  const std::vector<std::vector<Block>> cells{launches_of({100.0, 100.0}), launches_of({109.0, 108.0, 108.5, 109.5}),
                                              launches_of({150.0, 151.0, 150.0, 151.0}), launches_of({200.0})};
  const Comparison comparison = compare(cells);
  ASSERT_TRUE(comparison.log_ratio(0, 1));
  EXPECT_EQ(comparison.log_ratio(0, 1)->degrees_of_freedom, 1.0) << "three cells have these two launches";
}

TEST(RatioOverTwoLaunches, PoolsTheSameTwoLaunchesOfCellsThatHaveMore) {
  const std::vector<double> first{100.0, 104.0};
  const std::vector<double> second{109.0, 110.0};
  const Comparison comparison =
      compare({launches_of(first), launches_of(second), launches_of({150.0, 151.0, 170.0}), launches_of({200.0, 190.0, 230.0})});
  const Comparison alike = compare({launches_of(first), launches_of(second), launches_of({150.0, 151.0}), launches_of({200.0, 190.0})});
  EXPECT_GT(alike.log_ratio(0, 1)->standard_error, 0.022) << "more than is assumed";
  EXPECT_DOUBLE_EQ(comparison.log_ratio(0, 1)->standard_error, alike.log_ratio(0, 1)->standard_error);
  EXPECT_EQ(comparison.log_ratio(0, 1)->degrees_of_freedom, 3.0);
  EXPECT_EQ(comparison.log_ratio(2, 3)->degrees_of_freedom, 2.0) << "three launches speak for themselves";
}

TEST(RatioOverLaunches, IsTheInverseTheOtherWayRound) {
  const Comparison comparison = compare({launches_of({2.0, 2.3, 2.1}), launches_of({1.0, 1.1, 1.1})});
  const Ratio there = *comparison.ratio(0, 1);
  const Ratio back = *comparison.ratio(1, 0);
  EXPECT_DOUBLE_EQ(there.value, 1.0 / back.value);
  EXPECT_DOUBLE_EQ(there.ci95->low, 1.0 / back.ci95->high);
  EXPECT_DOUBLE_EQ(there.ci95->high, 1.0 / back.ci95->low);
  EXPECT_EQ(comparison.relation(0, 1), Relation::slower);
  EXPECT_EQ(comparison.relation(1, 0), Relation::faster);
}

TEST(RatioOverLaunches, OfACellToItselfIsOne) {
  const Comparison comparison = compare({launches_of({2.0, 3.0}), {}});
  EXPECT_EQ(comparison.ratio(0, 0)->value, 1.0);
  EXPECT_EQ(comparison.relation(0, 0), Relation::tied);
  EXPECT_FALSE(comparison.ratio(1, 1));
}

TEST(RatioOverLaunches, BearsAClockThatReadsNothing) {
  const Comparison comparison = compare({launches_of({0.0, 0.0, 0.0}), launches_of({1.0, 1.0, 1.0})});
  EXPECT_FALSE(comparison.ratio(0, 1));
  EXPECT_EQ(comparison.relation(0, 1), Relation::tied);
}

TEST(RatioOverLaunches, OfCellsWithoutACommonLaunchIsNothing) {
  EXPECT_FALSE(ratio_of({block_of(0, 0, 1.0), block_of(1, 0, 1.0)}, {block_of(2, 0, 1.0), block_of(3, 0, 1.0)}));
  EXPECT_FALSE(compare({launches_of({1.0, 1.0}), {}}).ratio(0, 1));
}

TEST(RatioOverLaunches, OfCellsWithoutACommonLaunchAreToldApartByAGreatDistanceAlone) {
  const std::vector<Block> fast{block_of(1, 0, 1.0), block_of(2, 0, 1.0), block_of(3, 0, 1.0)};
  const Comparison comparison = compare({fast, {block_of(0, 0, 42.0)}, {block_of(0, 0, 4.0)}}, {0});
  EXPECT_EQ(comparison.relation(0, 1), Relation::faster) << "launch 0 was disturbed for all but the slowest";
  EXPECT_EQ(comparison.relation(1, 0), Relation::slower);
  EXPECT_EQ(comparison.relation(0, 2), Relation::tied);
  EXPECT_FALSE(comparison.ratio(0, 1));
}

/// A cell of heats: `early` ones have rounds 0 to 3 of each launch, late ones 4 to 7; a bridge has all. The machine is twice as slow late.
std::vector<Block> in_heats(double milliseconds, bool early, bool late) {
  std::vector<Block> blocks;
  for (std::int64_t launch = 0; launch < 3; ++launch) {
    for (std::int64_t round = 0; round < 8; ++round) {
      if (round < 4 ? early : late) blocks.push_back(block_of(launch, round, milliseconds * (round < 4 ? 1.0 : 2.0)));
    }
  }
  return blocks;
}

TEST(Heats, AreJoinedThroughTheBridges) {
  const Comparison comparison =
      compare({in_heats(20.0, true, true), in_heats(10.0, true, false), in_heats(12.0, false, true), in_heats(9.0, true, true)}, {0, 3});
  const std::optional<Ratio> ratio = comparison.ratio(2, 1);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 1.2, 1e-9);
  EXPECT_EQ(ratio->launches, 3);
  EXPECT_EQ(comparison.relation(1, 2), Relation::faster);
}

TEST(Heats, CannotBeJoinedWithoutABridge) {
  EXPECT_FALSE(compare({in_heats(10.0, true, false), in_heats(12.0, false, true)}).ratio(0, 1));
}

TEST(Heats, CarryTheVarianceOfBothComparisons) {
  const std::vector<double> wobble{0.98, 1.03, 0.99, 1.0};
  const auto launch_of = [&](double milliseconds, std::int64_t first_round, std::size_t shift) {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < 4; ++i)
      blocks.push_back(block_of(static_cast<std::int64_t>(i), first_round, milliseconds * wobble[(i + shift) % 4]));
    return blocks;
  };
  std::vector<Block> bridge = launch_of(20.0, 0, 1);
  for (const Block& block : launch_of(20.0, 1, 2)) bridge.push_back(block);
  const Comparison comparison = compare({launch_of(10.0, 0, 0), launch_of(10.0, 1, 3), bridge}, {2});
  EXPECT_GT(comparison.log_ratio(0, 1)->standard_error, comparison.log_ratio(0, 2)->standard_error);
}

TEST(Builds, AreTheUnitsWhereTheyDifferMoreThanTheirLaunchesExplain) {
  std::vector<Block> rebuilt = launches_of({1.0, 1.001, 0.999, 1.1, 1.101, 1.099, 1.0, 1.001, 0.999});
  for (std::size_t i = 0; i < rebuilt.size(); ++i) rebuilt[i].build = static_cast<std::int64_t>(i / 3);
  const Comparison comparison = compare({rebuilt, launches_of(std::vector<double>(9, 1.0))});
  EXPECT_DOUBLE_EQ(comparison.log_ratio(0, 1)->degrees_of_freedom, 2.0);
  EXPECT_EQ(comparison.ratio(0, 1)->launches, 9);
}

TEST(Builds, LeaveLaunchesTheUnitsWhereTheyAgreeOrEachLaunchHasItsOwn) {
  std::vector<Block> alike = launches_of({1.0, 1.02, 0.98, 0.99, 1.02, 1.0});
  std::vector<Block> each = alike;
  for (std::size_t i = 0; i < alike.size(); ++i) {
    alike[i].build = static_cast<std::int64_t>(i / 3);
    each[i].build = static_cast<std::int64_t>(i);
  }
  const Comparison comparison = compare({alike, each, launches_of(std::vector<double>(6, 1.0))});
  EXPECT_DOUBLE_EQ(comparison.log_ratio(0, 2)->degrees_of_freedom, 5.0);
  EXPECT_DOUBLE_EQ(comparison.log_ratio(1, 2)->degrees_of_freedom, 5.0);
}

TEST(Holm, AsksMoreOfOnePairAmongManyThanOfOneAlone) {
  const std::vector<Block> a = launches_of({1.00, 1.03, 0.99, 1.01, 1.02});
  const std::vector<Block> b = launches_of({1.05, 1.05, 1.05, 1.05, 1.05});
  ASSERT_EQ(compare({a, b}).relation(0, 1), Relation::faster);
  const std::vector<Block> wide = launches_of({1.0, 1.6, 0.7, 1.2, 0.9});
  EXPECT_EQ(compare({a, b, wide, wide, wide, wide}).relation(0, 1), Relation::tied);
}

TEST(Holm, IsNotMadeStricterByPairsThatAreFarApart) {
  const std::vector<Block> a = launches_of({1.00, 1.03, 0.99, 1.01, 1.02});
  const std::vector<Block> b = launches_of({1.05, 1.05, 1.05, 1.05, 1.05});
  const std::vector<Block> slow = launches_of({9.0, 9.0, 9.0, 9.0, 9.0});
  EXPECT_EQ(compare({a, b, slow}).relation(0, 1), Relation::faster);
}

TEST(Fastest, GoesByPairedRatiosWhereTheMachineDrifted) {
  // The second cell was measured once more, while everything was slow.
  const Comparison comparison = compare({launches_of({1.0, 1.0}), launches_of({0.9, 0.9, 3.0})});
  EXPECT_EQ(comparison.fastest({true, true}), 1U);
  EXPECT_EQ(comparison.fastest({true, false}), 0U);
  EXPECT_FALSE(comparison.fastest({false, false}));
}

TEST(RatioOverRounds, IsTheGeometricMeanWithStudentsIntervalBelowSixRounds) {
  const std::optional<Ratio> ratio = ratio_of(rounds_of({2.0, 2.2, 2.1, 2.4, 2.3}), rounds_of({1.0, 1.05, 1.1, 1.15, 1.2}));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_EQ(ratio->launches, 1);
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->low, 1.8922925169638838, 1e-6);
  EXPECT_NEAR(ratio->ci95->high, 2.11383809011614, 1e-6);
}

TEST(RatioOverRounds, CancelsADriftThatHitsBoth) {
  std::vector<double> fast;
  std::vector<double> slow;
  for (int round = 0; round < 20; ++round) {
    const double drift = 1.0 + 0.05 * round;  // the machine ends twice as slow as it began
    fast.push_back(10.0 * drift);
    slow.push_back(20.0 * drift);
  }
  const std::optional<Ratio> ratio = ratio_of(rounds_of(slow), rounds_of(fast));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->value, 2.0, 1e-6);
  EXPECT_NEAR(ratio->ci95->low, 2.0, 1e-6);
  EXPECT_NEAR(ratio->ci95->high, 2.0, 1e-6);
}

TEST(RatioOverRounds, UsesOnlyRoundsThatBothHave) {
  std::vector<Block> numerator = rounds_of({2.0, 100.0, 2.0});
  numerator[1].set_aside = true;
  const std::optional<Ratio> ratio = ratio_of(numerator, rounds_of({1.0, 1.0, 1.0, 50.0}));
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 2.0, 1e-9);
}

TEST(RatioOverRounds, IsNotDraggedAwayByAFewDisturbedRounds) {
  std::vector<double> numerator(20, 1.0);
  numerator[3] = 40.0;
  numerator[11] = 25.0;
  const std::optional<Ratio> ratio = ratio_of(rounds_of(numerator), rounds_of(std::vector<double>(20, 1.0)));
  ASSERT_TRUE(ratio && ratio->ci95);
  EXPECT_NEAR(ratio->value, 1.0, 1e-9);
  EXPECT_NEAR(ratio->ci95->high, 1.0, 1e-9);
}

TEST(RatioOverRounds, TellNothingApartWhereOtherCellsHaveMoreLaunches) {
  std::vector<Block> short_lived = rounds_of({1.3, 1.31, 1.3, 1.29, 1.3, 1.31, 1.3, 1.29});
  const std::vector<Block> alike = rounds_of({1.0, 1.01, 1.0, 0.99, 1.0, 1.01, 1.0, 0.99});
  EXPECT_EQ(compare({short_lived, alike}).relation(0, 1), Relation::slower) << "one launch is all that there is";
  std::vector<Block> longer_lived = alike;
  longer_lived.push_back(block_of(1, 0, 1.0));
  EXPECT_EQ(compare({short_lived, longer_lived}).relation(0, 1), Relation::tied) << "its one launch may have been a slow one";
  for (Block& block : short_lived) block.samples_ns.front() *= 2;
  EXPECT_EQ(compare({short_lived, longer_lived}).relation(0, 1), Relation::slower) << "no launch is so slow";
}

TEST(RatioOverRounds, TellsCellsOfOneLaunchApartByTheirDistanceAlone) {
  const Comparison far = compare({rounds_of({1.0}), rounds_of({2.1}), rounds_of({20.0})});
  EXPECT_EQ(far.relation(1, 0), Relation::slower);
  EXPECT_EQ(far.relation(0, 2), Relation::faster);
  EXPECT_FALSE(far.ratio(1, 0)->ci95);
  EXPECT_EQ(compare({rounds_of({1.0}), rounds_of({1.9})}).relation(0, 1), Relation::tied);
}

TEST(RatioOverRounds, OfOneRoundHasNoIntervalAndTellsNothingApart) {
  const Comparison comparison = compare({rounds_of({3.0}), rounds_of({2.0})});
  const std::optional<Ratio> ratio = comparison.ratio(0, 1);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 1.5, 1e-9);
  EXPECT_FALSE(ratio->ci95);
  EXPECT_EQ(comparison.relation(0, 1), Relation::tied);
}

TEST(RatioOverRounds, JoinsHeatsThroughABridge) {
  std::vector<Block> late;
  for (std::int64_t round = 5; round < 10; ++round) late.push_back(block_of(0, round, 12.0));
  const Comparison comparison = compare({rounds_of(std::vector<double>(10, 20.0)), rounds_of(std::vector<double>(5, 10.0)), late}, {0});
  EXPECT_NEAR(comparison.ratio(2, 1)->value, 1.2, 1e-9);
  EXPECT_EQ(comparison.ratio(2, 1)->launches, 1);
}

/// How often out of `runs` the interval holds the true ratio, when round and block effects are log-normal and drift hits both cells.
double coverage_over_rounds(int runs, int rounds, double true_ratio) {
  std::mt19937_64 generator(20261123);
  std::normal_distribution<double> normal;
  int held = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<double> numerator;
    std::vector<double> denominator;
    for (int round = 0; round < rounds; ++round) {
      const double drift = 0.2 * normal(generator);
      numerator.push_back(30.0 * true_ratio * std::exp(drift + 0.03 * normal(generator)));
      denominator.push_back(30.0 * std::exp(drift + 0.02 * normal(generator)));
    }
    const std::optional<Ratio> ratio = ratio_of(rounds_of(numerator), rounds_of(denominator));
    if (ratio && ratio->ci95 && ratio->ci95->low <= true_ratio && true_ratio <= ratio->ci95->high) ++held;
  }
  return static_cast<double>(held) / runs;
}

TEST(RatioOverRounds, IntervalHoldsTheTruthNineteenTimesInTwenty) {
  // 4000 runs: the standard error of a share of 0.95 is 0.0034; four of them either way.
  EXPECT_NEAR(coverage_over_rounds(4000, 5, 1.02), 0.95, 0.014);
  EXPECT_NEAR(coverage_over_rounds(4000, 20, 0.5), 0.95, 0.014);
}

}  // namespace
}  // namespace podium::measure
