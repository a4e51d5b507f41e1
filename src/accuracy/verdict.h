#pragma once

#include <cstdint>
#include <optional>

#include "accuracy/metric.h"
#include "podium/results.h"

namespace podium::accuracy {

/// How many samples would show, at 95 %, that the drop keeps to `accuracy.max_drop`, were it as it looks now; nothing where it looks no
/// smaller than that, or how sure it is cannot be told. Without any sample lost or gained: the n of (1 - max_drop)^n = 5 %.
[[nodiscard]] std::optional<std::int64_t> samples_needed(const Accuracy& accuracy);

/// Fills in the verdict on `accuracy.max_drop` (non-inferiority at 95 %, one-sided): `holds` where the upper bound of the drop is within
/// it, `does_not_hold` where the lower one is beyond, else `undecided` with a sentence that says what would decide.
void decide(Accuracy& accuracy, const MetricFacts& metric);

}  // namespace podium::accuracy
