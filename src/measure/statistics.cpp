#include "measure/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace podium::measure {
namespace {

constexpr double ns_per_ms = 1e6;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Sample standard deviation (n - 1); 0 for a single value.
double standard_deviation(std::span<const double> values, double mean) {
  if (values.size() < 2) return 0.0;
  const double squares = std::accumulate(values.begin(), values.end(), 0.0,
                                         [mean](double sum, double value) { return sum + (value - mean) * (value - mean); });
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Half the width of the two-sided 95 % interval of a mean, by Student's t; nothing for fewer than two values.
std::optional<double> t_half_width(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const boost::math::students_t distribution(static_cast<double>(values.size() - 1));
  const double t = boost::math::quantile(boost::math::complement(distribution, 0.025));
  return t * standard_deviation(values, mean_of(values)) / std::sqrt(static_cast<double>(values.size()));
}

/// Fewer values than this have no two-sided 95 % signed-rank interval (2 / 2^n > 5 %).
constexpr std::size_t fewest_for_signed_ranks = 6;

/// Location of a sample and its 95 % interval.
struct Location {
  double value = 0.0;
  std::optional<Interval> ci95;
};

/// Hodges and Lehmann's estimate (1963): the median of the means of all pairs, and the interval of Wilcoxon's signed ranks (Hollander and
/// Wolfe, Nonparametric Statistical Methods, 3.3–3.4, large-sample rank). A few rounds that a foreign program disturbed do not drag it
/// away from the medians that stand beside it, as they would drag a mean.
Location hodges_lehmann(std::span<const double> values) {
  std::vector<double> means;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) means.push_back(0.5 * (values[i] + values[j]));
  }
  std::sort(means.begin(), means.end());
  const double n = static_cast<double>(values.size());
  const double rank = n * (n + 1.0) / 4.0 - 1.959964 * std::sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0);
  const auto outside = static_cast<std::size_t>(std::max(0.0, std::floor(rank)));
  return {quantile_of_sorted(means, 0.5), Interval{means[outside], means[means.size() - 1 - outside]}};
}

Location locate(std::span<const double> values) {
  if (values.size() >= fewest_for_signed_ranks) return hodges_lehmann(values);
  const double mean = mean_of(values);
  const std::optional<double> half = t_half_width(values);
  return {mean, half ? std::optional(Interval{mean - *half, mean + *half}) : std::nullopt};
}

std::vector<double> milliseconds_of(const Block& block) {
  std::vector<double> values;
  if (block.set_aside) return values;
  const double calls = static_cast<double>(std::max<std::int64_t>(block.iterations_per_sample, 1));
  values.reserve(block.samples_ns.size());
  for (const std::int64_t sample : block.samples_ns) values.push_back(static_cast<double>(sample) / calls / ns_per_ms);
  return values;
}

/// Logarithm of the median of each round that has scored samples. A clock that read 0 has no logarithm and is left out.
std::map<std::int64_t, double> log_median_by_round(std::span<const Block> blocks) {
  std::map<std::int64_t, std::vector<double>> rounds;
  for (const Block& block : blocks) {
    const std::vector<double> values = milliseconds_of(block);
    auto& round = rounds[block.round];
    round.insert(round.end(), values.begin(), values.end());
  }
  std::map<std::int64_t, double> logarithms;
  for (auto& [round, values] : rounds) {
    if (values.empty()) continue;
    const double middle = median(std::move(values));
    if (middle > 0.0) logarithms[round] = std::log(middle);
  }
  return logarithms;
}

/// The interval of the median over rounds, not over single samples: neighbouring samples of a block share the machine's state, so an
/// interval that took them for independent would be far too narrow. On a logarithmic scale, so that it never reaches below zero.
std::optional<Interval> median_interval(std::span<const Block> blocks, double middle) {
  const std::map<std::int64_t, double> rounds = log_median_by_round(blocks);
  std::vector<double> logarithms;
  logarithms.reserve(rounds.size());
  for (const auto& [round, logarithm] : rounds) logarithms.push_back(logarithm);
  const std::optional<double> half = t_half_width(logarithms);
  if (!half) return std::nullopt;
  return Interval{middle * std::exp(-*half), middle * std::exp(*half)};
}

/// Call `k` of each block over the median of that block's later calls.
std::vector<double> slowdowns_of_call(std::span<const Block> blocks, std::size_t k) {
  std::vector<double> ratios;
  for (const Block& block : blocks) {
    if (block.set_aside || block.samples_ns.size() < k + 2) continue;
    const auto first_later = block.samples_ns.begin() + static_cast<std::ptrdiff_t>(k + 1);
    const double later = median({first_later, block.samples_ns.end()});
    if (later > 0.0) ratios.push_back(static_cast<double>(block.samples_ns[k]) / later);
  }
  return ratios;
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

std::optional<Latency> summarize(std::span<const Block> blocks) {
  std::vector<double> values = scored_milliseconds(blocks);
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  Latency latency;
  latency.median = quantile_of_sorted(values, 0.5);
  latency.ci95 = median_interval(blocks, latency.median);
  latency.mean = mean_of(values);
  latency.stddev = standard_deviation(values, latency.mean);
  latency.minimum = values.front();
  latency.maximum = values.back();
  latency.p90 = quantile_of_sorted(values, 0.9);
  latency.n = static_cast<std::int64_t>(values.size());
  if (latency.n >= samples_for_p99) latency.p99 = quantile_of_sorted(values, 0.99);
  return latency;
}

std::optional<Ratio> paired_ratio(std::span<const Block> numerator, std::span<const Block> denominator) {
  const std::map<std::int64_t, double> above = log_median_by_round(numerator);
  const std::map<std::int64_t, double> below = log_median_by_round(denominator);
  std::vector<double> differences;
  for (const auto& [round, logarithm] : above) {
    const auto partner = below.find(round);
    if (partner != below.end()) differences.push_back(logarithm - partner->second);
  }
  if (differences.empty()) return std::nullopt;
  const Location location = locate(differences);
  Ratio ratio{std::exp(location.value), std::nullopt};
  if (location.ci95) ratio.ci95 = Interval{std::exp(location.ci95->low), std::exp(location.ci95->high)};
  return ratio;
}

std::int64_t find_lead_in(std::span<const Block> blocks, double tolerance, std::int64_t limit) {
  for (std::int64_t k = 0; k < limit; ++k) {
    std::vector<double> slowdowns = slowdowns_of_call(blocks, static_cast<std::size_t>(k));
    // No block is long enough to tell: what is known so far has to do.
    if (slowdowns.empty() || median(std::move(slowdowns)) <= 1.0 + tolerance) return k;
  }
  return limit;
}

void split_lead_in(Block& block, std::int64_t lead_in) {
  if (block.samples_ns.empty() || lead_in <= 0) return;
  const auto most = static_cast<std::int64_t>(block.samples_ns.size()) - 1;
  const auto end = block.samples_ns.begin() + std::min(lead_in, most);
  block.lead_in_ns.insert(block.lead_in_ns.end(), block.samples_ns.begin(), end);
  block.samples_ns.erase(block.samples_ns.begin(), end);
}

}  // namespace podium::measure
