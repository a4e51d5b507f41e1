#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "podium/results.h"

namespace podium::measure {

/// Quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). `sorted` is ascending and not empty.
[[nodiscard]] double quantile_of_sorted(std::span<const double> sorted, double probability);
[[nodiscard]] double median(std::vector<double> values);

/// p99 is given from this many samples on. The largest of n samples lies below the 99th percentile with probability 0.99^n: 2.5 % at 368,
/// where an interval first has an upper end, and 0.13 % here, where that end is no longer the one largest sample.
inline constexpr std::int64_t samples_for_p99 = 662;

/// Scored samples of all blocks that are not set aside, in milliseconds for one call. Nothing where there are none.
[[nodiscard]] std::vector<double> scored_milliseconds(std::span<const Block> blocks);

/// The figures of a cell. No sample of a scored block is left out of any of them; outliers are counted, within their block. The interval of
/// the median is Student's t over launches, on a logarithmic scale (a launch counts as one value: the mean of its rounds' log medians),
/// because launches are what would come out otherwise next time (Georges et al., Statistically Rigorous Java Performance Evaluation, OOPSLA
/// 2007; Kalibera and Jones, Rigorous Benchmarking in Reasonable Time, ISMM 2013). With one launch it is over its rounds.
[[nodiscard]] std::optional<Latency> summarize(std::span<const Block> blocks);

/// The median and its interval as summarize() has them, and nothing else: cheap enough to be shown between blocks.
struct MedianSoFar {
  double value = 0.0;
  std::optional<Interval> ci95;
};
[[nodiscard]] std::optional<MedianSoFar> median_so_far(std::span<const Block> blocks);

/// Where a cell's variation comes from: a nested random-effects decomposition of the logarithms of its samples (samples in blocks, blocks
/// in launches, launches in builds) by the method of moments on unweighted means, never negative (Searle, Casella and McCulloch, Variance
/// Components, 1992, ch. 3 and 5; Kalibera and Jones 2013 for benchmarks). Drift of the machine counts as deviation between blocks and
/// launches: a spread describes one cell alone, and is not paired.
[[nodiscard]] Spread spread_of(std::span<const Block> blocks);

/// How many calls after a switch run slower than the rest, from blocks that hold every call (lead_in_ns empty): the smallest k such that
/// call k is, in the median over blocks, within `tolerance` of the median of the later calls. At most `limit`.
[[nodiscard]] std::int64_t find_lead_in(std::span<const Block> blocks, double tolerance = 0.02, std::int64_t limit = 10);
/// Moves the first `lead_in` samples of a block from samples_ns to lead_in_ns; always leaves one sample.
void split_lead_in(Block& block, std::int64_t lead_in);

}  // namespace podium::measure
