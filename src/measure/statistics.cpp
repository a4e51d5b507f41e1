#include "measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "measure/location.h"
#include "measure/outliers.h"
#include "measure/rounds.h"
#include "measure/tails.h"

namespace podium::measure {
namespace {

/// One value for each launch; for each round where there is one launch only.
std::vector<double> log_medians(std::span<const Block> blocks) {
  const std::map<std::int64_t, LaunchRounds> launches = rounds_by_launch(blocks);
  std::vector<double> means;
  std::vector<double> rounds;
  for (const auto& [launch, measured] : launches) {
    double sum = 0.0;
    for (const auto& [round, logarithm] : measured.log_median) {
      sum += logarithm;
      rounds.push_back(logarithm);
    }
    means.push_back(sum / static_cast<double>(measured.log_median.size()));
  }
  return means.size() > 1 ? means : rounds;
}

/// On a logarithmic scale, so that it never reaches below zero.
std::optional<Interval> median_interval(std::span<const Block> blocks, double middle) {
  const std::vector<double> logarithms = log_medians(blocks);
  if (logarithms.size() < 2) return std::nullopt;
  const Location location = mean_location(logarithms);
  const double half = location.ci95->high - location.value;
  return Interval{middle * std::exp(-half), middle * std::exp(half)};
}

void count_labels(std::span<const Block> blocks, Latency& latency) {
  for (const Block& block : blocks) {
    if (block.set_aside) ++latency.blocks_set_aside;
    std::vector<double> values = milliseconds_of(block);
    std::sort(values.begin(), values.end());
    const OutlierCounts counts = count_outliers(values);
    latency.outliers_mad += counts.mad;
    latency.outliers_tukey += counts.tukey;
  }
}

/// An interval that its own estimate lies outside of would puzzle; resampled blocks can give one where blocks differ much in length.
Interval holding(Interval interval, double estimate) {
  return {std::min(interval.low, estimate), std::max(interval.high, estimate)};
}

void fill_tails(std::span<const Block> blocks, std::span<const double> sorted, Latency& latency) {
  latency.p90 = quantile_of_sorted(sorted, 0.9);
  if (latency.n >= samples_for_p99) latency.p99 = quantile_of_sorted(sorted, 0.99);
  const std::optional<TailIntervals> intervals = tail_intervals(blocks);
  if (!intervals) return;
  latency.p90_ci95 = holding(intervals->p90, latency.p90);
  if (latency.p99) latency.p99_ci95 = holding(intervals->p99, *latency.p99);
}

}  // namespace

double quantile_of_sorted(std::span<const double> sorted, double probability) {
  const double position = std::clamp(probability, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = position - static_cast<double>(below);
  return sorted[below] + weight * (sorted[above] - sorted[below]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

std::vector<double> scored_milliseconds(std::span<const Block> blocks) {
  std::vector<double> values;
  for (const Block& block : blocks) {
    const std::vector<double> more = milliseconds_of(block);
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

std::optional<MedianSoFar> median_so_far(std::span<const Block> blocks) {
  std::vector<double> values = scored_milliseconds(blocks);
  if (values.empty()) return std::nullopt;
  const double middle = median(std::move(values));
  return MedianSoFar{middle, median_interval(blocks, middle)};
}

std::optional<Latency> summarize(std::span<const Block> blocks) {
  std::vector<double> values = scored_milliseconds(blocks);
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  Latency latency;
  latency.median = quantile_of_sorted(values, 0.5);
  latency.ci95 = median_interval(blocks, latency.median);
  latency.mean = mean_of(values);
  latency.stddev = std::sqrt(variance_of(values));
  latency.minimum = values.front();
  latency.maximum = values.back();
  latency.n = static_cast<std::int64_t>(values.size());
  fill_tails(blocks, values, latency);
  count_labels(blocks, latency);
  return latency;
}

}  // namespace podium::measure
