#pragma once

#include <optional>
#include <string>

#include "podium/results.h"

namespace podium::search {

/// What a lossy candidate's answers must keep to so that it may win.
struct Bound {
  std::optional<double> max_drop;     ///< of the metric; it must surely (95 %) hold
  std::optional<double> min_sqnr_db;  ///< of the outputs
  bool speed_only = false;            ///< nothing needs to be proved
};

/// Whether a variant computes as the original does: only float32 does.
[[nodiscard]] bool is_lossy(Precision precision) noexcept;

/// What keeps a measured cell from winning, in a sentence: nobody can tell whether it keeps to the bound, or it does not. The baseline and
/// lossless candidates whose answers agree keep to every bound on a metric by definition, however few the samples.
[[nodiscard]] std::optional<std::string> bound_objection(const Bound& bound, const Cell& cell);

/// "drop of top-1 at most 1 %", "SQNR at least 20 dB", "outputs agree with fp32's as the precision allows", "none (--speed-only)".
[[nodiscard]] std::string to_string(const Bound& bound, const std::string& metric);

}  // namespace podium::search
