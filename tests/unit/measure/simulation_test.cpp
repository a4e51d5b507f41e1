#include <gtest/gtest.h>

#include <optional>

#include "measure/simulated_machine.h"

/// What the method promises, on made-up machines with the stopping rule in the loop: launches and blocks stray by 1 % each, samples are
/// autocorrelated and skewed, and the machine drifts. Seeds are fixed; bench/drift_simulation prints the same figures for more runs.
namespace podium::measure {
namespace {

struct Outcome {
  double covered = 0.0;  ///< share of runs whose 95 % interval held the true ratio
  double found = 0.0;    ///< share of runs in which the slower cell was said to be slower
  double reversed = 0.0;
  double launches = 0.0;  ///< mean number
};

Outcome simulate_pair(double true_ratio, std::int64_t most_launches, int runs) {
  Outcome outcome;
  const double share = 1.0 / runs;
  for (int run = 0; run < runs; ++run) {
    const Comparison comparison =
        compare(measure_interleaved({10.0 * true_ratio, 10.0}, {}, most_launches, 100'000 + static_cast<std::uint64_t>(run)));
    const std::optional<Ratio> ratio = comparison.ratio(0, 1);
    if (ratio->ci95->low <= true_ratio && true_ratio <= ratio->ci95->high) outcome.covered += share;
    if (comparison.relation(0, 1) == Relation::slower) outcome.found += share;
    if (comparison.relation(0, 1) == Relation::faster) outcome.reversed += share;
    outcome.launches += share * static_cast<double>(ratio->launches);
  }
  return outcome;
}

void expect_honest_coverage(const Outcome& outcome) {
  EXPECT_GE(outcome.covered, 0.93);
  EXPECT_LE(outcome.covered, 0.97);
}

TEST(Simulation, IntervalsOfEqualCellsHoldTheTruthFromThreeToFiveLaunches) {
  for (const std::int64_t most : {3, 4, 5}) {
    SCOPED_TRACE(most);
    expect_honest_coverage(simulate_pair(1.0, most, 1000));
  }
}

TEST(Simulation, IntervalsOfUnequalCellsHoldTheTruthThoughBeatenCellsEndEarly) {
  for (const double ratio : {1.10, 1.20}) {
    SCOPED_TRACE(ratio);
    expect_honest_coverage(simulate_pair(ratio, 5, 1000));
  }
}

TEST(Simulation, FindsATrueFivePercentWithinTheDefaultBudget) {
  const Outcome outcome = simulate_pair(1.05, 5, 1000);
  EXPECT_GE(outcome.found, 0.95);
  EXPECT_EQ(outcome.reversed, 0.0);
  expect_honest_coverage(outcome);
}

TEST(Simulation, FindsATrueThreePercentAtFourTimesTheBudget) {
  const Outcome outcome = simulate_pair(1.03, 20, 1000);
  EXPECT_GE(outcome.found, 0.95);
  EXPECT_EQ(outcome.reversed, 0.0);
  expect_honest_coverage(outcome);
}

TEST(Simulation, IntervalsHoldTheTruthWhereTheRuleEndsOnNarrowOnes) {
  const Outcome outcome = simulate_pair(1.0, 20, 500);
  EXPECT_LT(outcome.launches, 19.0) << "the rule never ended a run; this tests nothing";
  expect_honest_coverage(outcome);
}

/// Two of five cells on a machine whose launches stray by 3 %: how they come out when those in doubt go on from five launches to ten.
Outcome simulate_restless(double true_ratio, int runs) {
  MachineModel model;
  model.launch_deviation = 0.03;
  Outcome outcome;
  const double share = 1.0 / runs;
  for (int run = 0; run < runs; ++run) {
    const std::vector<double> cells{18.0 * true_ratio, 18.0, 10.0, 10.1, 13.0};
    const Comparison comparison = compare(measure_interleaved(cells, model, 5, 500'000 + static_cast<std::uint64_t>(run), 10));
    const std::optional<Ratio> ratio = comparison.ratio(0, 1);
    if (ratio->ci95->low <= true_ratio && true_ratio <= ratio->ci95->high) outcome.covered += share;
    if (comparison.relation(0, 1) == Relation::slower) outcome.found += share;
    if (comparison.relation(0, 1) == Relation::faster) outcome.reversed += share;
  }
  return outcome;
}

TEST(Simulation, FindsATrueTenPercentOnARestlessMachineByMoreLaunchesOfWhatIsInDoubt) {
  const Outcome outcome = simulate_restless(1.10, 1000);
  EXPECT_GE(outcome.found, 0.9);
  EXPECT_EQ(outcome.reversed, 0.0);
  expect_honest_coverage(outcome);
}

TEST(Simulation, LooksOnceForDoubtSoThatEqualCellsOnARestlessMachineStayTied) {
  const Outcome outcome = simulate_restless(1.0, 1000);
  EXPECT_LE(outcome.found + outcome.reversed, 0.05);
  expect_honest_coverage(outcome);
}

bool holds_one(const std::optional<Ratio>& ratio) {
  return ratio && ratio->ci95 && ratio->ci95->low <= 1.0 && 1.0 <= ratio->ci95->high;
}

/// Shares of runs of equal cells whose 95 % interval of a ratio holds 1.
struct Covered {
  double of_first = 0.0;   ///< of the first, which may be restless, to the second
  double of_others = 0.0;  ///< of the second to the third
};

Covered covered_of_equal(std::size_t cells, double restless, std::int64_t most_launches, int runs) {
  MachineModel model;
  model.restless = restless;
  Covered covered;
  const double share = 1.0 / runs;
  for (int run = 0; run < runs; ++run) {
    const std::vector<double> equal(cells, 10.0);
    const Comparison comparison = compare(measure_interleaved(equal, model, most_launches, 300'000 + static_cast<std::uint64_t>(run)));
    if (holds_one(comparison.ratio(0, 1))) covered.of_first += share;
    if (holds_one(comparison.ratio(1, 2))) covered.of_others += share;
  }
  return covered;
}

TEST(Simulation, IntervalsOfTwoLaunchesHoldTheTruthHoweverRestlessOneCellIs) {
  for (const std::size_t cells : {std::size_t{4}, std::size_t{5}, std::size_t{8}}) {
    for (const double restless : {1.0, 3.0, 5.0, 10.0}) {
      SCOPED_TRACE(testing::Message() << cells << " cells, the first " << restless << " times as restless as the others");
      const Covered covered = covered_of_equal(cells, restless, 2, 1000);
      EXPECT_GE(covered.of_first, 0.93);
      EXPECT_GE(covered.of_others, 0.93);
    }
  }
}

TEST(Simulation, IntervalsOfThreeLaunchesAndMoreHoldTheTruthHoweverRestlessOneCellIs) {
  for (const std::int64_t most : {3, 5}) {
    for (const double restless : {3.0, 10.0}) {
      SCOPED_TRACE(testing::Message() << most << " launches, the first cell " << restless << " times as restless as the others");
      const Covered covered = covered_of_equal(4, restless, most, 1000);
      for (const double share : {covered.of_first, covered.of_others}) {
        EXPECT_GE(share, 0.93);
        EXPECT_LE(share, 0.97);
      }
    }
  }
}

TEST(Simulation, TellsWhatIsFarApartInTwoLaunches) {
  int found = 0;
  constexpr int runs = 1000;
  for (int run = 0; run < runs; ++run) {
    const Comparison comparison = compare(measure_interleaved({20.0, 10.0, 11.5, 12.0}, {}, 2, 400'000 + static_cast<std::uint64_t>(run)));
    if (comparison.relation(0, 1) == Relation::slower) ++found;
  }
  EXPECT_EQ(found, runs);
}

/// Share of runs in which one of `cells` equal cells was said to be faster than another.
template <typename Measure>
double false_winners(std::size_t cells, int runs, Measure&& measured) {
  double share = 0.0;
  for (int run = 0; run < runs; ++run) {
    const Cells blocks = measured(std::vector<double>(cells, 10.0), 7'000 + static_cast<std::uint64_t>(run));
    if (has_winner(compare(blocks), cells)) share += 1.0 / runs;
  }
  return share;
}

TEST(Simulation, CallsNoEqualCellsWinners) {
  const auto interleaved = [](const std::vector<double>& cells, std::uint64_t seed) { return measure_interleaved(cells, {}, 5, seed); };
  EXPECT_LE(false_winners(2, 500, interleaved), 0.05);
  EXPECT_LE(false_winners(5, 200, interleaved), 0.05);
}

TEST(Simulation, WouldCallFalseWinnersWereCellsMeasuredOneAfterAnother) {
  const auto sequence = [](const std::vector<double>& cells, std::uint64_t seed) { return measure_in_sequence(cells, {}, 5, seed); };
  EXPECT_GT(false_winners(2, 300, sequence), 0.15);
}

}  // namespace
}  // namespace podium::measure
