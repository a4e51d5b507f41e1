#pragma once

#include "measure/two_runs.h"
#include "podium/compare.h"

/// What was judged, in the words of a comparison.
namespace podium::api {

[[nodiscard]] CellChange change_of(measure::Relation relation);
[[nodiscard]] ComparisonBasis basis_of(measure::Units units);

/// Of one input with the best number of requests in flight, launch by launch: like a latency, less is better. Empty where throughput was
/// not measured.
[[nodiscard]] measure::RoundValues log_times_of_throughput(const Cell& cell);
/// What was judged is the time of one input; what is told are inputs a second.
void tell(ThroughputComparison& comparison, const measure::Change& change, const measure::Judgement& judgement);

}  // namespace podium::api
