#pragma once

#include <span>

#include "core/output_sums.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium::search {

/// What answers in a precision may differ by. One table for all of Podium.
struct PrecisionLimit {
  Precision precision;
  double minimum_sqnr_db;  ///< less than this is wrong, where the outputs differ enough to tell
  double rounding_noise;   ///< error that a faithful implementation shows, relative to the size of the outputs
};
[[nodiscard]] const PrecisionLimit& limit_of(Precision precision) noexcept;

/// Judges `answers` against the baseline's on the same inputs. Signal to quantization noise is taken after the baseline's mean output is
/// removed, since a network whose outputs barely differ between inputs would otherwise agree with anything.
/// - `agrees`: the centred SQNR reaches the precision's limit;
/// - `disagrees`: it does not, and a faithful implementation would have; or a value is not finite; or a quarter of the answers are
///   surely other inputs';
/// - `cannot_judge`: the outputs differ between inputs by less than this precision's own rounding, so nobody can tell.
[[nodiscard]] OutputError judge(std::span<const Row> baseline, std::span<const Row> answers, Precision precision);

}  // namespace podium::search
