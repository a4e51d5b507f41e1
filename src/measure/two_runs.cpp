#include "measure/two_runs.h"

#include <algorithm>
#include <cmath>

#include "measure/location.h"
#include "measure/statistics.h"

namespace podium::measure {
namespace {

constexpr double alpha = 1.0 - confidence;

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

bool is_finite(const Change& change) {
  const auto& [value, standard_error, degrees_of_freedom] = change.difference;
  return std::isfinite(value) && std::isfinite(standard_error) && std::isfinite(degrees_of_freedom);
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

std::optional<Side> launches_of_run(const RoundValues& run) {
  return run.empty() ? std::nullopt : std::optional(side_of(launches_of(run)));
}

std::optional<Change> change_between(std::span<const RoundValues> before, std::span<const RoundValues> after) {
  for (const Level& level : levels) {
    const std::vector<double> old_units = units_of(before, level);
    const std::vector<double> new_units = units_of(after, level);
    if (old_units.empty() || new_units.empty()) return std::nullopt;
    if (level.units != Units::rounds && (old_units.size() < 2 || new_units.size() < 2)) continue;
    Change change{side_of(old_units), side_of(new_units), level.units, {}};
    change.difference = welch(change.before, change.after);
    return is_finite(change) ? std::optional(change) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<Judgement> judge(std::span<const Change> changes) {
  std::vector<Judgement> judgements(changes.size());
  std::vector<std::size_t> order;  // Holm takes them from the smallest p-value up
  for (std::size_t i = 0; i < changes.size(); ++i) {
    judgements[i].ratio = {std::exp(changes[i].difference.value), ratio_interval(changes[i].difference, alpha), 0};
    judgements[i].p_value = p_beyond_margin(changes[i].difference);
    if (changes[i].units != Units::rounds)
      judgements[i].ratio.launches = static_cast<std::int64_t>(std::min(changes[i].before.n, changes[i].after.n));
    else
      judgements[i].ratio.launches = 1;
    if (changes[i].difference.degrees_of_freedom > 0.0) order.push_back(i);
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
    judgement.corrected = ratio_interval(change.difference, level);
    if (rejecting) judgement.relation = change.difference.value < 0.0 ? Relation::faster : Relation::slower;
  }
  return judgements;
}

}  // namespace podium::measure
