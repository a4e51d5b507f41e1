#include "measure/paired.h"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <utility>

#include "measure/location.h"

namespace podium::measure {
namespace {

/// Differences of the log medians of the rounds that both have.
std::vector<double> round_differences(const LaunchRounds& a, const LaunchRounds& b) {
  std::vector<double> differences;
  for (const auto& [round, logarithm] : a.log_median) {
    const auto partner = b.log_median.find(round);
    if (partner != b.log_median.end()) differences.push_back(logarithm - partner->second);
  }
  return differences;
}

struct Estimate {
  double value = 0.0;
  double error_variance = 0.0;
};

std::optional<Estimate> direct(const LaunchRounds& a, const LaunchRounds& b) {
  const std::vector<double> differences = round_differences(a, b);
  if (differences.empty()) return std::nullopt;
  return Estimate{pseudomedian(differences), variance_of(differences) / static_cast<double>(differences.size())};
}

/// The plain mean over the bridges: weights estimated from a handful of rounds would add more variance than they take away.
std::optional<Estimate> through(const LaunchRounds& a, const LaunchRounds& b, std::span<const LaunchRounds* const> bridges) {
  Estimate sum;
  double count = 0.0;
  for (const LaunchRounds* bridge : bridges) {
    const auto first = direct(a, *bridge);
    const auto second = direct(*bridge, b);
    if (!first || !second) continue;
    sum.value += first->value + second->value;
    sum.error_variance += first->error_variance + second->error_variance;
    count += 1.0;
  }
  if (count == 0.0) return std::nullopt;
  return Estimate{sum.value / count, sum.error_variance / (count * count)};
}

std::vector<const LaunchRounds*> rounds_of_launch(std::span<const Launches* const> cells, std::int64_t launch) {
  std::vector<const LaunchRounds*> found;
  for (const Launches* cell : cells) {
    const auto at = cell->find(launch);
    if (at != cell->end()) found.push_back(&at->second);
  }
  return found;
}

/// The values that Student's t runs over: launches, or builds where they differ by more than their launches explain (one-way analysis of
/// variance, F test at 5 %). A build with one launch each needs no such test: the deviation between launches holds that between builds.
std::vector<double> units_of(std::span<const LaunchDifference> differences) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<double>> builds;
  std::vector<double> launches;
  for (const LaunchDifference& difference : differences) {
    builds[{difference.build_of_a, difference.build_of_b}].push_back(difference.log_ratio);
    launches.push_back(difference.log_ratio);
  }
  if (builds.size() < 2 || builds.size() == launches.size()) return launches;
  const double grand = mean_of(launches);
  double between = 0.0;
  double within = 0.0;
  std::vector<double> means;
  for (const auto& [build, values] : builds) {
    means.push_back(mean_of(values));
    between += static_cast<double>(values.size()) * (means.back() - grand) * (means.back() - grand);
    within += variance_of(values) * static_cast<double>(values.size() - 1);
  }
  const auto above = static_cast<double>(builds.size() - 1);
  const auto below = static_cast<double>(launches.size() - builds.size());
  if (!(within > 0.0)) return between > 0.0 ? means : launches;
  const boost::math::fisher_f distribution(above, below);
  const double p = boost::math::cdf(boost::math::complement(distribution, (between / above) / (within / below)));
  return p < 0.05 ? means : launches;
}

/// Two intervals of rounds, laid end to end: the variances add up.
Location joined(const Location& first, const Location& second) {
  Location location{first.value + second.value, std::nullopt};
  if (!first.ci95 || !second.ci95) return location;
  const auto half = [](const Location& of) { return 0.5 * (of.ci95->high - of.ci95->low); };
  const double both = std::hypot(half(first), half(second));
  location.ci95 = Interval{location.value - both, location.value + both};
  return location;
}

LogRatio from_rounds(const Location& location, std::size_t rounds) {
  LogRatio ratio{location.value, location.ci95, 0.0, 0.0, 0.0, 1};
  if (!location.ci95) return ratio;
  ratio.degrees_of_freedom = static_cast<double>(rounds - 1);
  // The side that looks at zero decides whether the cells differ.
  const double half = location.value > 0.0 ? location.value - location.ci95->low : location.ci95->high - location.value;
  ratio.standard_error = half / t_quantile(ratio.degrees_of_freedom, confidence);
  ratio.rounds_error = ratio.standard_error;
  return ratio;
}

}  // namespace

std::vector<LaunchDifference> launch_differences(const Launches& a, const Launches& b, std::span<const Launches* const> bridges) {
  std::vector<LaunchDifference> differences;
  for (const auto& [launch, of_a] : a) {
    const auto of_b = b.find(launch);
    if (of_b == b.end()) continue;
    auto estimate = direct(of_a, of_b->second);
    if (!estimate) estimate = through(of_a, of_b->second, rounds_of_launch(bridges, launch));
    if (estimate) differences.push_back({launch, estimate->value, estimate->error_variance, of_a.build, of_b->second.build});
  }
  return differences;
}

LogRatio over_launches(std::span<const LaunchDifference> differences) {
  const std::vector<double> units = units_of(differences);
  const auto n = static_cast<double>(units.size());
  const Location location = mean_location(units);
  LogRatio ratio{location.value, location.ci95, std::sqrt(variance_of(units) / n),
                 n - 1.0,        0.0,           static_cast<std::int64_t>(differences.size())};
  double rounds_variance = 0.0;
  for (const LaunchDifference& difference : differences) rounds_variance += difference.error_variance;
  ratio.rounds_error = std::sqrt(rounds_variance) / static_cast<double>(differences.size());
  return ratio;
}

std::optional<LogRatio> over_rounds(const LaunchRounds& a, const LaunchRounds& b, std::span<const LaunchRounds* const> bridges) {
  const std::vector<double> straight = round_differences(a, b);
  if (!straight.empty()) return from_rounds(robust_location(straight), straight.size());
  for (const LaunchRounds* bridge : bridges) {
    const std::vector<double> first = round_differences(a, *bridge);
    const std::vector<double> second = round_differences(*bridge, b);
    if (first.empty() || second.empty()) continue;
    return from_rounds(joined(robust_location(first), robust_location(second)), std::min(first.size(), second.size()));
  }
  return std::nullopt;
}

}  // namespace podium::measure
