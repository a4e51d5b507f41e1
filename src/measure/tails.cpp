#include "measure/tails.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "measure/rounds.h"
#include "measure/statistics.h"

namespace podium::measure {
namespace {

constexpr int resamples = 500;
constexpr std::uint64_t seed = 20230217;

/// All samples, slowest first, each with the number of its block: sorted once, so that a quantile of any draw of blocks is a walk from the
/// slow end that adds up how often each sample's block was drawn, and needs to go no further than the tenth it asks about.
struct RankedSamples {
  std::vector<std::pair<double, std::size_t>> slowest_first;
  std::vector<std::size_t> block_sizes;
  std::map<std::int64_t, std::vector<std::size_t>> blocks_by_launch;
};

RankedSamples rank_samples(std::span<const Block> blocks) {
  RankedSamples ranked;
  for (const Block& block : blocks) {
    const std::vector<double> values = milliseconds_of(block);
    if (values.empty()) continue;
    const std::size_t number = ranked.block_sizes.size();
    for (const double value : values) ranked.slowest_first.emplace_back(value, number);
    ranked.block_sizes.push_back(values.size());
    ranked.blocks_by_launch[block.launch].push_back(number);
  }
  std::sort(ranked.slowest_first.begin(), ranked.slowest_first.end(), std::greater<>());
  return ranked;
}

/// How often each block is drawn.
std::vector<std::size_t> draw(const RankedSamples& ranked, std::mt19937_64& generator) {
  std::vector<std::size_t> times(ranked.block_sizes.size(), 0);
  for (const auto& [launch, numbers] : ranked.blocks_by_launch) {
    for (std::size_t i = 0; i < numbers.size(); ++i) ++times[numbers[generator() % numbers.size()]];
  }
  return times;
}

/// p99 and p90 of the drawn blocks, as order statistics.
std::pair<double, double> tails_of(const RankedSamples& ranked, const std::vector<std::size_t>& times) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < times.size(); ++i) total += times[i] * ranked.block_sizes[i];
  const auto slower_than_p99 = static_cast<std::size_t>(0.01 * static_cast<double>(total));
  const auto slower_than_p90 = static_cast<std::size_t>(0.1 * static_cast<double>(total));
  double p99 = ranked.slowest_first.front().first;
  std::size_t passed = 0;
  bool found = false;
  for (const auto& [value, block] : ranked.slowest_first) {
    passed += times[block];
    if (!found && passed > slower_than_p99) {
      p99 = value;
      found = true;
    }
    if (passed > slower_than_p90) return {p99, value};
  }
  return {p99, ranked.slowest_first.back().first};
}

Interval percentiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {quantile_of_sorted(values, 0.025), quantile_of_sorted(values, 0.975)};
}

}  // namespace

std::optional<TailIntervals> tail_intervals(std::span<const Block> blocks) {
  const RankedSamples ranked = rank_samples(blocks);
  const bool can_draw = std::any_of(ranked.blocks_by_launch.begin(), ranked.blocks_by_launch.end(),
                                    [](const auto& launch) { return launch.second.size() > 1; });
  if (!can_draw) return std::nullopt;
  std::mt19937_64 generator(seed);
  std::vector<double> p90;
  std::vector<double> p99;
  for (int i = 0; i < resamples; ++i) {
    const auto [higher, lower] = tails_of(ranked, draw(ranked, generator));
    p99.push_back(higher);
    p90.push_back(lower);
  }
  return TailIntervals{percentiles(std::move(p90)), percentiles(std::move(p99))};
}

}  // namespace podium::measure
