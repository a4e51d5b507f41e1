#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "measure/comparison.h"
#include "measure/welch.h"
#include "podium/results.h"

/// Has a cell become faster from one run to another? The runs share no round and no launch, so nothing is paired: Welch's t for two samples
/// of unequal variance (Welch 1947), on logarithms.
namespace podium::measure {

/// What one run measured of a cell, on a logarithmic scale: launch → round → value.
using RoundValues = std::map<std::int64_t, std::map<std::int64_t, double>>;

/// Logarithm of the median of each round's scored samples, in milliseconds. Blocks set aside are left out.
[[nodiscard]] RoundValues log_medians(std::span<const Block> blocks);
/// Logarithm of the ratio of a cell to the baseline of the same run, in each round that both have: drift within the run cancels.
[[nodiscard]] RoundValues log_ratios(std::span<const Block> cell, std::span<const Block> baseline);

/// What was taken for independent. Runs carry all that differs from one to the next; launches what differs between lives of a worker;
/// rounds nothing but the noise within one life.
enum class Units { runs, launches, rounds };

struct Change {
  Side before;
  Side after;
  Units units = Units::rounds;
  LogDifference difference;  ///< after - before
};

/// The launches of a run as units, each by the mean of its rounds. Nothing of a run that has no value.
[[nodiscard]] std::optional<Side> launches_of_run(const RoundValues& run);

/// Each list holds the runs of one side. Units are runs where both sides have at least two, else launches where both have at least two,
/// else rounds. Nothing where a side has no value at all.
[[nodiscard]] std::optional<Change> change_between(std::span<const RoundValues> before, std::span<const RoundValues> after);

struct Judgement {
  Relation relation = Relation::tied;  ///< of after to before
  Ratio ratio;                         ///< after ÷ before, with its own 95 % interval
  std::optional<Interval> corrected;   ///< the interval that the relation was read from
  double p_value = 1.0;                ///< of the hypothesis that the ratio is within ±1 %, two-sided, before correction
};

/// Judges all cells of a comparison together: faster or slower where the interval, corrected by Holm's method over those that have one,
/// lies wholly outside ±1 %. One judgement for each change, in order.
[[nodiscard]] std::vector<Judgement> judge(std::span<const Change> changes);

}  // namespace podium::measure
