// Prints what the statistics promise and what they deliver on made-up machines (tests/unit/measure/simulated_machine.h): how often the 95 %
// interval of a ratio holds the truth, how often a true difference is found, how often equal cells are called winner and loser, and
// how often they would be if the same cells were measured one after another.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/simulated_machine.h"

namespace {

using namespace podium;
using namespace podium::measure;

constexpr std::int64_t default_launches = 5;
constexpr std::int64_t four_budgets = 4 * default_launches;

std::string percent(double share) {
  std::string text = std::to_string(100.0 * share);
  return text.substr(0, text.find('.') + 2) + " %";
}

bool holds(const std::optional<Ratio>& ratio, double truth) {
  return ratio && ratio->ci95 && ratio->ci95->low <= truth && truth <= ratio->ci95->high;
}

void print_pair(double true_ratio, std::int64_t most_launches, int runs) {
  int covered = 0;
  int found = 0;
  double launches = 0.0;
  for (int run = 0; run < runs; ++run) {
    const Comparison comparison =
        compare(measure_interleaved({10.0 * true_ratio, 10.0}, {}, most_launches, 100'000 + static_cast<std::uint64_t>(run)));
    const std::optional<Ratio> ratio = comparison.ratio(0, 1);
    if (holds(ratio, true_ratio)) ++covered;
    if (comparison.relation(0, 1) != Relation::tied) ++found;
    launches += static_cast<double>(ratio->launches) / runs;
  }
  std::cout << "true ratio " << true_ratio << ", up to " << most_launches << " launches (" << launches << " used): covers "
            << percent(static_cast<double>(covered) / runs) << ", told apart " << percent(static_cast<double>(found) / runs) << '\n'
            << std::flush;
}

/// Cells of which two launches alone are left, as where a load began in the third: their deviations are pooled, and the first strays
/// `restless` times as much as the others.
void print_pooled(double true_ratio, std::size_t cells, double restless, int runs) {
  MachineModel model;
  model.restless = restless;
  int covered = 0;
  int others_covered = 0;
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<double> milliseconds(cells, 10.0);
    milliseconds.front() *= true_ratio;
    const Comparison comparison = compare(measure_interleaved(milliseconds, model, 2, 300'000 + static_cast<std::uint64_t>(run)));
    if (holds(comparison.ratio(0, 1), true_ratio)) ++covered;
    if (holds(comparison.ratio(1, 2), 1.0)) ++others_covered;
    if (comparison.relation(0, 1) != Relation::tied) ++found;
  }
  std::cout << "true ratio " << true_ratio << ", two launches of " << cells << " cells, pooled, the first straying " << restless
            << " times as much: covers " << percent(static_cast<double>(covered) / runs) << " (two others "
            << percent(static_cast<double>(others_covered) / runs) << "), told apart " << percent(static_cast<double>(found) / runs) << '\n'
            << std::flush;
}

/// One cell strays several times as much as the others, and all have as many launches as the stopping rule gives.
void print_restless(std::int64_t most_launches, double restless, int runs) {
  MachineModel model;
  model.restless = restless;
  int covered = 0;
  int others_covered = 0;
  for (int run = 0; run < runs; ++run) {
    const Comparison comparison =
        compare(measure_interleaved({10.0, 10.0, 10.0, 10.0}, model, most_launches, 300'000 + static_cast<std::uint64_t>(run)));
    if (holds(comparison.ratio(0, 1), 1.0)) ++covered;
    if (holds(comparison.ratio(1, 2), 1.0)) ++others_covered;
  }
  std::cout << "four equal cells, up to " << most_launches << " launches, the first straying " << restless << " times as much: covers "
            << percent(static_cast<double>(covered) / runs) << " (two others " << percent(static_cast<double>(others_covered) / runs)
            << ")\n"
            << std::flush;
}

/// Two of five cells on a machine whose launches stray by 3 %, with and without the launches that cells in doubt get.
void print_in_doubt(double true_ratio, std::int64_t launches_in_doubt, int runs) {
  MachineModel model;
  model.launch_deviation = 0.03;
  int covered = 0;
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    const std::vector<double> cells{18.0 * true_ratio, 18.0, 10.0, 10.1, 13.0};
    const Comparison comparison =
        compare(measure_interleaved(cells, model, default_launches, 500'000 + static_cast<std::uint64_t>(run), launches_in_doubt));
    if (holds(comparison.ratio(0, 1), true_ratio)) ++covered;
    if (comparison.relation(0, 1) != Relation::tied) ++found;
  }
  std::cout << "true ratio " << true_ratio << ", two of five cells, launches straying by 3 %, up to " << default_launches
            << " launches, those in doubt up to " << std::max(default_launches, launches_in_doubt) << ": covers "
            << percent(static_cast<double>(covered) / runs) << ", told apart " << percent(static_cast<double>(found) / runs) << '\n'
            << std::flush;
}

template <typename Measure>
void print_false_winners(std::string_view how, std::size_t cells, int runs, Measure&& measured) {
  int winners = 0;
  for (int run = 0; run < runs; ++run) {
    const std::vector<double> equal(cells, 10.0);
    if (has_winner(compare(measured(equal, 7'000 + static_cast<std::uint64_t>(run))), cells)) ++winners;
  }
  std::cout << cells << " equal cells, " << how << ": a false winner in " << percent(static_cast<double>(winners) / runs) << " of runs\n"
            << std::flush;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 2000;
  if (runs < 1) {
    std::cerr << "usage: drift_simulation [RUNS]: RUNS is a number above 0, 2000 without it\n";
    return 2;
  }
  for (const std::int64_t most : {std::int64_t{3}, std::int64_t{4}, default_launches}) print_pair(1.0, most, runs);
  for (const double ratio : {1.02, 1.05, 1.10}) print_pair(ratio, default_launches, runs);
  for (const double ratio : {1.0, 1.03}) print_pair(ratio, four_budgets, runs);
  for (const double restless : {1.0, 3.0, 10.0}) {
    for (const std::size_t cells : {std::size_t{4}, std::size_t{5}, std::size_t{8}}) print_pooled(1.0, cells, restless, runs);
  }
  for (const double ratio : {1.10, 1.20, 1.60}) print_pooled(ratio, 5, 1.0, runs);
  for (const std::int64_t most : {std::int64_t{3}, default_launches}) {
    for (const double restless : {3.0, 10.0}) print_restless(most, restless, runs);
  }
  for (const double ratio : {1.0, 1.10}) {
    for (const std::int64_t launches_in_doubt : {std::int64_t{0}, 2 * default_launches}) print_in_doubt(ratio, launches_in_doubt, runs);
  }
  const auto interleaved = [](const std::vector<double>& cells, std::uint64_t seed) {
    return measure_interleaved(cells, {}, default_launches, seed);
  };
  const auto in_sequence = [](const std::vector<double>& cells, std::uint64_t seed) {
    return measure_in_sequence(cells, {}, default_launches, seed);
  };
  for (const std::size_t cells : {std::size_t{2}, std::size_t{5}}) {
    print_false_winners("interleaved", cells, runs, interleaved);
    print_false_winners("one after another", cells, runs, in_sequence);
  }
  return 0;
}
