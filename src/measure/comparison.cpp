#include "measure/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "measure/location.h"
#include "measure/paired.h"

namespace podium::measure {
namespace {

/// Two-sided probability of a ratio so far outside ±1 %, were it within. A deviation of nothing leaves no doubt either way.
double p_value_of(const LogRatio& ratio) {
  if (ratio.degrees_of_freedom <= 0.0) return 1.0;
  const double beyond = std::abs(ratio.value) - std::log1p(equivalence_margin);
  if (!(beyond > 0.0)) return 1.0;
  if (!(ratio.standard_error > 0.0)) return 0.0;
  return t_two_sided(beyond / ratio.standard_error, ratio.degrees_of_freedom);
}

double mean_log_median(const std::map<std::int64_t, LaunchRounds>& launches) {
  double sum = 0.0;
  double count = 0.0;
  for (const auto& [launch, rounds] : launches) {
    for (const auto& [round, logarithm] : rounds.log_median) {
      sum += logarithm;
      count += 1.0;
    }
  }
  return sum / count;
}

/// Of the mean of a pair's differences in two launches; nothing where it lacks one of them.
std::optional<double> variance_over(const std::vector<LaunchDifference>& differences,
                                    const std::pair<std::int64_t, std::int64_t>& launches) {
  std::vector<double> values;
  for (const LaunchDifference& difference : differences) {
    if (difference.launch == launches.first || difference.launch == launches.second) values.push_back(difference.log_ratio);
  }
  if (values.size() != 2) return std::nullopt;
  return variance_of(values) / 2.0;
}

Interval interval_of(const LogRatio& ratio) {
  const double half = ratio.half_width(confidence);
  return {ratio.value - half, ratio.value + half};
}

/// The sum of two independent logarithms.
LogRatio sum_of(const LogRatio& first, const LogRatio& second) {
  LogRatio sum;
  sum.value = first.value + second.value;
  sum.launches = std::min(first.launches, second.launches);
  sum.rounds_error = std::hypot(first.rounds_error, second.rounds_error);
  if (first.degrees_of_freedom <= 0.0 || second.degrees_of_freedom <= 0.0) return sum;
  const double v1 = first.standard_error * first.standard_error;
  const double v2 = second.standard_error * second.standard_error;
  sum.standard_error = std::sqrt(v1 + v2);
  const double weights = v1 * v1 / first.degrees_of_freedom + v2 * v2 / second.degrees_of_freedom;
  sum.degrees_of_freedom = weights > 0.0 ? (v1 + v2) * (v1 + v2) / weights : std::min(first.degrees_of_freedom, second.degrees_of_freedom);
  sum.ci95 = interval_of(sum);
  return sum;
}

}  // namespace

double LogRatio::half_width(double at_confidence) const {
  if (degrees_of_freedom <= 0.0) return std::numeric_limits<double>::infinity();
  return t_quantile(degrees_of_freedom, at_confidence) * standard_error;
}

LogRatio LogRatio::reversed() const {
  LogRatio other = *this;
  other.value = -value;
  if (ci95) other.ci95 = Interval{-ci95->high, -ci95->low};
  return other;
}

Comparison::Comparison(std::vector<std::span<const Block>> cells, std::vector<std::size_t> bridges) {
  cells_.reserve(cells.size());
  for (const std::span<const Block> blocks : cells) cells_.push_back(rounds_by_launch(blocks));
  pairs_.reserve(cells_.size() * cells_.size() / 2);
  for (std::size_t a = 0; a < cells_.size(); ++a) {
    for (std::size_t b = a + 1; b < cells_.size(); ++b) pairs_.push_back(compare(a, b, bridges));
  }
  pool_deviations_of_two_launches();
  join_over_bridges(bridges);
  correct_for_all_pairs();
}

/// Student's t with one degree of freedom is 4.6 times as wide as with four. The cells of a batch size mostly stray alike from launch to
/// launch, so the mean of the pairs' variances over these two launches is taken, with as many degrees of freedom as there are cells beside
/// one; pairs that seem calmer were lucky. But one cell may be many times as restless as the rest, and its two launches happen to agree one
/// time in three or so: so a pair is believed to be as calm as the others only where it strays clearly less than what is assumed of all.
void Comparison::pool_deviations_of_two_launches() {
  std::map<TwoLaunches, std::vector<Pair*>> pairs_of;
  for (Pair& pair : pairs_) {
    if (pair.ratio && pair.ratio->launches == 2 && pair.ratio->degrees_of_freedom == 1.0)
      pairs_of[{pair.differences.front().launch, pair.differences.back().launch}].push_back(&pair);
  }
  for (const auto& [launches, pairs] : pairs_of) {
    const std::optional<PooledError> pooled = pooled_error(launches);
    if (!pooled) continue;
    for (Pair* pair : pairs) {
      LogRatio& ratio = *pair->ratio;
      if (is_restless(ratio, *pooled)) continue;
      ratio.standard_error = pooled->standard_error;
      ratio.degrees_of_freedom = pooled->degrees_of_freedom;
      ratio.ci95 = interval_of(ratio);
      pair->p_value = p_value_of(ratio);
    }
  }
}

/// Over all cells that have both launches, those too that have others beside them: only where every pair of them is in the mean are the
/// degrees of freedom those of a whole block design.
std::optional<Comparison::PooledError> Comparison::pooled_error(TwoLaunches launches) const {
  std::vector<std::size_t> cells;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    if (cells_[cell].contains(launches.first) && cells_[cell].contains(launches.second)) cells.push_back(cell);
  }
  if (cells.size() < fewest_cells_to_pool) return std::nullopt;
  double variances = 0.0;
  double pairs = 0.0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = i + 1; j < cells.size(); ++j) {
      const std::optional<double> variance = variance_over(pair(cells[i], cells[j]).differences, launches);
      if (!variance) return std::nullopt;
      variances += *variance;
      pairs += 1.0;
    }
  }
  const double least = assumed_deviation / std::sqrt(2.0);
  return PooledError{std::max(std::sqrt(variances / pairs), least), static_cast<double>(cells.size() - 1)};
}

/// Cells that share no launch (one was added to a run that was taken up again) are compared by their ratios to a bridge, whose launches are
/// independent: variances add, and Satterthwaite's degrees of freedom (1946) go with them. Of several bridges the surest counts.
void Comparison::join_over_bridges(const std::vector<std::size_t>& bridges) {
  const std::vector<Pair> direct = pairs_;
  const auto known = [&](std::size_t a, std::size_t b) -> std::optional<LogRatio> {
    const std::optional<LogRatio>& stored = direct[index_of(std::min(a, b), std::max(a, b))].ratio;
    if (!stored) return std::nullopt;
    return a < b ? *stored : stored->reversed();
  };
  for (std::size_t a = 0; a < cells_.size(); ++a) {
    for (std::size_t b = a + 1; b < cells_.size(); ++b) {
      Pair& open = pairs_[index_of(a, b)];
      if (direct[index_of(a, b)].ratio || cells_[a].empty() || cells_[b].empty()) continue;
      for (const std::size_t bridge : bridges) {
        if (bridge == a || bridge == b || bridge >= cells_.size()) continue;
        const std::optional<LogRatio> first = known(a, bridge);
        const std::optional<LogRatio> second = known(bridge, b);
        if (!first || !second) continue;
        LogRatio joined = sum_of(*first, *second);
        const bool is_surer = !open.ratio || joined.half_width(confidence) < open.ratio->half_width(confidence);
        if (is_surer) open.ratio = joined;
      }
      if (open.ratio) open.p_value = p_value_of(*open.ratio);
    }
  }
}

Comparison::Pair Comparison::compare(std::size_t a, std::size_t b, const std::vector<std::size_t>& bridges) const {
  std::vector<const Launches*> over;
  for (const std::size_t bridge : bridges) {
    if (bridge != a && bridge != b && bridge < cells_.size()) over.push_back(&cells_[bridge]);
  }
  Pair pair;
  pair.differences = launch_differences(cells_[a], cells_[b], over);
  if (pair.differences.empty()) return pair;
  if (pair.differences.size() > 1) {
    pair.ratio = over_launches(pair.differences);
  } else {
    const std::int64_t launch = pair.differences.front().launch;
    std::vector<const LaunchRounds*> bridge_rounds;
    for (const Launches* bridge : over) {
      if (const auto found = bridge->find(launch); found != bridge->end()) bridge_rounds.push_back(&found->second);
    }
    pair.ratio = over_rounds(cells_[a].at(launch), cells_[b].at(launch), bridge_rounds);
  }
  if (pair.ratio) pair.p_value = p_value_of(*pair.ratio);
  return pair;
}

/// Whether a pair of two launches strays too much for the deviation of the others. Where its own interval, with two degrees of freedom,
/// would be the wider one: so chosen that 93 % of intervals at least hold the truth however restless one cell is (simulated).
bool Comparison::is_restless(const LogRatio& ratio, const PooledError& pooled) {
  return t_quantile(2.0, confidence) * ratio.standard_error > t_quantile(pooled.degrees_of_freedom, confidence) * pooled.standard_error;
}

bool Comparison::Pair::is_apart_without_test() const {
  if (!ratio) return false;
  if (ratio->launches == 1) return std::abs(ratio->value) > std::log(apart_without_test);
  if (ratio->launches < 2 || differences.size() != static_cast<std::size_t>(ratio->launches)) return false;
  const auto [least, most] =
      std::minmax_element(differences.begin(), differences.end(), [](const auto& a, const auto& b) { return a.log_ratio < b.log_ratio; });
  return least->log_ratio > std::log(apart_in_every_launch) || most->log_ratio < -std::log(apart_in_every_launch);
}

/// Holm's step-down: the smallest p-value is held against 5 % ÷ all pairs, the next against 5 % ÷ all but one, up to the first that fails.
/// Pairs that are not tested, for want of an interval or of any doubt, are no part of the count. Nor are those with one common launch where
/// others have more (a cell out of reach ended there): the rounds of a slow launch would pass for a slow cell.
void Comparison::correct_for_all_pairs() {
  const bool rounds_are_all_there_is = std::all_of(cells_.begin(), cells_.end(), [](const Launches& cell) { return cell.size() <= 1; });
  std::vector<Pair*> tested;
  for (Pair& pair : pairs_) {
    pair.told_apart = pair.is_apart_without_test();
    const bool is_testable = pair.ratio && pair.ratio->degrees_of_freedom > 0.0 && (pair.ratio->launches > 1 || rounds_are_all_there_is);
    if (!pair.told_apart && is_testable) tested.push_back(&pair);
  }
  std::stable_sort(tested.begin(), tested.end(), [](const Pair* a, const Pair* b) { return a->p_value < b->p_value; });
  for (std::size_t i = 0; i < tested.size(); ++i) {
    if (tested[i]->p_value > (1.0 - confidence) / static_cast<double>(tested.size() - i)) break;
    tested[i]->told_apart = true;
  }
}

/// Pairs stand row by row: (0,1), (0,2), …, (1,2), …
std::size_t Comparison::index_of(std::size_t smaller, std::size_t larger) const {
  return smaller * cells_.size() - smaller * (smaller + 1) / 2 + larger - smaller - 1;
}

const Comparison::Pair& Comparison::pair(std::size_t a, std::size_t b) const {
  return pairs_[index_of(std::min(a, b), std::max(a, b))];
}

std::optional<LogRatio> Comparison::log_ratio(std::size_t a, std::size_t b) const {
  if (a == b) return std::nullopt;
  const std::optional<LogRatio>& stored = pair(a, b).ratio;
  if (!stored) return std::nullopt;
  return a < b ? *stored : stored->reversed();
}

std::optional<Ratio> Comparison::ratio(std::size_t a, std::size_t b) const {
  if (a == b) {
    if (cells_[a].empty()) return std::nullopt;
    return Ratio{1.0, Interval{1.0, 1.0}, launches(a)};
  }
  const std::optional<LogRatio> logarithm = log_ratio(a, b);
  if (!logarithm) return std::nullopt;
  Ratio ratio{std::exp(logarithm->value), std::nullopt, logarithm->launches};
  if (logarithm->ci95) ratio.ci95 = Interval{std::exp(logarithm->ci95->low), std::exp(logarithm->ci95->high)};
  return ratio;
}

Relation Comparison::relation(std::size_t a, std::size_t b) const {
  if (a == b) return Relation::tied;
  if (!pair(a, b).ratio) return relation_by_distance(a, b);
  if (!pair(a, b).told_apart) return Relation::tied;
  return log_ratio(a, b)->value < 0.0 ? Relation::faster : Relation::slower;
}

/// Of cells without a launch in common, not by way of a bridge either: the only block of a cell out of reach is in the launch in which all
/// others were disturbed, say.
Relation Comparison::relation_by_distance(std::size_t a, std::size_t b) const {
  if (cells_[a].empty() || cells_[b].empty()) return Relation::tied;
  const double difference = mean_log_median(cells_[a]) - mean_log_median(cells_[b]);
  if (std::abs(difference) <= std::log(apart_unpaired)) return Relation::tied;
  return difference < 0.0 ? Relation::faster : Relation::slower;
}

/// The ratios are paired and free of drift; medians decide only where two cells have no launch in common.
std::optional<std::size_t> Comparison::fastest(const std::vector<bool>& eligible) const {
  std::optional<std::size_t> best;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    if (!eligible[cell] || cells_[cell].empty()) continue;
    if (!best) {
      best = cell;
      continue;
    }
    const std::optional<LogRatio> to_best = log_ratio(cell, *best);
    const double difference = to_best ? to_best->value : mean_log_median(cells_[cell]) - mean_log_median(cells_[*best]);
    if (difference < 0.0) best = cell;
  }
  return best;
}

}  // namespace podium::measure
