#pragma once

#include <string>

#include "podium/compare.h"
#include "podium/doctor.h"
#include "podium/inspect.h"
#include "podium/results.h"

namespace podium::report::test {

/// A cell that was measured well, `speed` times as fast as a baseline of 54.8 ms.
[[nodiscard]] Cell measured_cell(const std::string& backend, Precision precision, std::int64_t batch, double median_ms);

/// One run with every kind of cell in it: a baseline, a winner, a tie, options, doubts, and each way not to run.
[[nodiscard]] Results sample_results();

/// A machine with one backend that is there and two that are not.
[[nodiscard]] Diagnosis sample_diagnosis();

/// A text model with free axes.
[[nodiscard]] Inspection sample_inspection();

/// Two runs with every kind of change between them, one of it with a hostile name.
[[nodiscard]] Comparison sample_comparison();

}  // namespace podium::report::test
