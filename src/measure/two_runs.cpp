#include "measure/two_runs.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "measure/statistics.h"

namespace podium::measure {
namespace {

constexpr double alpha = 1.0 - confidence;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Side side_of(const std::vector<double>& units) {
  Side side{mean_of(units), 0.0, units.size()};
  if (units.size() < 2) return side;
  for (const double value : units) side.variance += (value - side.mean) * (value - side.mean);
  side.variance /= static_cast<double>(units.size() - 1);
  return side;
}

double mean_of_launch(const std::map<std::int64_t, double>& rounds) {
  std::vector<double> values;
  for (const auto& [round, value] : rounds) values.push_back(value);
  return mean_of(values);
}

std::vector<double> launches_of(const RoundValues& run) {
  std::vector<double> values;
  for (const auto& [launch, rounds] : run) values.push_back(mean_of_launch(rounds));
  return values;
}

std::vector<double> rounds_of(const RoundValues& run) {
  std::vector<double> values;
  for (const auto& [launch, rounds] : run) {
    for (const auto& [round, value] : rounds) values.push_back(value);
  }
  return values;
}

std::vector<double> whole_run(const RoundValues& run) {
  return run.empty() ? std::vector<double>{} : std::vector{mean_of(launches_of(run))};
}

/// The way from a run to its units, in the order in which they are preferred.
struct Level {
  Units units;
  std::vector<double> (*of_run)(const RoundValues&);
};
constexpr Level levels[] = {{Units::runs, whole_run}, {Units::launches, launches_of}, {Units::rounds, rounds_of}};

std::vector<double> units_of(std::span<const RoundValues> runs, const Level& level) {
  std::vector<double> units;
  for (const RoundValues& run : runs) {
    const std::vector<double> more = level.of_run(run);
    units.insert(units.end(), more.begin(), more.end());
  }
  return units;
}

/// Welch's standard error of the difference, and Satterthwaite's degrees of freedom.
void weigh(Change& change) {
  change.difference = change.after.mean - change.before.mean;
  if (change.before.n < 2 || change.after.n < 2) return;
  const auto [n, m] = std::pair{static_cast<double>(change.before.n), static_cast<double>(change.after.n)};
  const double a = change.before.variance / n;
  const double b = change.after.variance / m;
  change.standard_error = std::sqrt(a + b);
  // Units that are all the same have no variance to share out; the pooled count is what is left.
  change.degrees_of_freedom = a + b > 0.0 ? (a + b) * (a + b) / (a * a / (n - 1.0) + b * b / (m - 1.0)) : n + m - 2.0;
}

/// How far the difference lies outside what counts as the same; 0 within it.
double beyond_margin(double difference) {
  const double edge = difference > 0.0 ? std::log1p(equivalence_margin) : -std::log1p(-equivalence_margin);
  return std::max(0.0, std::abs(difference) - edge);
}

double p_value_of(const Change& change) {
  if (change.degrees_of_freedom <= 0.0) return 1.0;
  const double beyond = beyond_margin(change.difference);
  if (beyond <= 0.0) return 1.0;
  if (change.standard_error <= 0.0) return 0.0;
  const boost::math::students_t distribution(change.degrees_of_freedom);
  return std::min(1.0, 2.0 * boost::math::cdf(boost::math::complement(distribution, beyond / change.standard_error)));
}

std::optional<Interval> interval_of(const Change& change, double level_alpha) {
  if (change.degrees_of_freedom <= 0.0) return std::nullopt;
  const boost::math::students_t distribution(change.degrees_of_freedom);
  const double half = change.standard_error * boost::math::quantile(boost::math::complement(distribution, 0.5 * level_alpha));
  return Interval{std::exp(change.difference - half), std::exp(change.difference + half)};
}

bool is_finite(const Change& change) {
  return std::isfinite(change.difference) && std::isfinite(change.standard_error) && std::isfinite(change.degrees_of_freedom);
}

}  // namespace

RoundValues log_medians(std::span<const Block> blocks) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<double>> rounds;
  for (const Block& block : blocks) {
    const std::vector<double> more = scored_milliseconds(std::span(&block, 1));
    auto& samples = rounds[{block.launch, block.round}];
    samples.insert(samples.end(), more.begin(), more.end());
  }
  RoundValues values;
  for (auto& [place, samples] : rounds) {
    if (samples.empty()) continue;
    // A clock that read 0 has no logarithm.
    if (const double middle = median(std::move(samples)); middle > 0.0) values[place.first][place.second] = std::log(middle);
  }
  return values;
}

RoundValues log_ratios(std::span<const Block> cell, std::span<const Block> baseline) {
  const RoundValues above = log_medians(cell);
  const RoundValues below = log_medians(baseline);
  RoundValues ratios;
  for (const auto& [launch, rounds] : above) {
    const auto partner = below.find(launch);
    if (partner == below.end()) continue;
    for (const auto& [round, value] : rounds) {
      if (const auto other = partner->second.find(round); other != partner->second.end()) ratios[launch][round] = value - other->second;
    }
  }
  return ratios;
}

std::optional<Change> change_between(std::span<const RoundValues> before, std::span<const RoundValues> after) {
  for (const Level& level : levels) {
    const std::vector<double> old_units = units_of(before, level);
    const std::vector<double> new_units = units_of(after, level);
    if (old_units.empty() || new_units.empty()) return std::nullopt;
    if (level.units != Units::rounds && (old_units.size() < 2 || new_units.size() < 2)) continue;
    Change change{side_of(old_units), side_of(new_units), level.units, 0.0, 0.0, 0.0};
    weigh(change);
    return is_finite(change) ? std::optional(change) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<Judgement> judge(std::span<const Change> changes) {
  std::vector<Judgement> judgements(changes.size());
  std::vector<std::size_t> order;  // Holm takes them from the smallest p-value up
  for (std::size_t i = 0; i < changes.size(); ++i) {
    judgements[i].ratio = {std::exp(changes[i].difference), interval_of(changes[i], alpha), 0};
    judgements[i].p_value = p_value_of(changes[i]);
    if (changes[i].units != Units::rounds)
      judgements[i].ratio.launches = static_cast<std::int64_t>(std::min(changes[i].before.n, changes[i].after.n));
    else
      judgements[i].ratio.launches = 1;
    if (changes[i].degrees_of_freedom > 0.0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return judgements[a].p_value < judgements[b].p_value; });
  bool rejecting = true;
  double level = alpha;
  for (std::size_t step = 0; step < order.size(); ++step) {
    Judgement& judgement = judgements[order[step]];
    const Change& change = changes[order[step]];
    // From the first one that is kept on, all are kept: their intervals stay at that step's level, and so reach the margin too.
    if (rejecting) level = alpha / static_cast<double>(order.size() - step);
    rejecting = rejecting && judgement.p_value <= level;
    judgement.corrected = interval_of(change, level);
    if (rejecting) judgement.relation = change.difference < 0.0 ? Relation::faster : Relation::slower;
  }
  return judgements;
}

}  // namespace podium::measure
