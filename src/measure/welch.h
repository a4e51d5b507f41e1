#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "podium/results.h"

/// Two independent samples of unequal variance, on a logarithmic scale: Welch's t (Biometrika 34, 1947).
namespace podium::measure {

/// A mean over units, and what is needed to judge it.
struct Side {
  double mean = 0.0;      ///< of the units, logarithmic
  double variance = 0.0;  ///< of a single unit (n - 1)
  std::size_t n = 0;      ///< units
};
[[nodiscard]] Side side_of(std::span<const double> units);

struct LogDifference {
  double value = 0.0;  ///< after - before
  double standard_error = 0.0;
  double degrees_of_freedom = 0.0;  ///< Welch and Satterthwaite's; 0 where a side has one unit only, and there is no interval
};
[[nodiscard]] LogDifference welch(const Side& before, const Side& after);

/// Of the hypothesis that the ratio is within ±1 %, two-sided; 1 where nothing is known of the deviation.
[[nodiscard]] double p_beyond_margin(const LogDifference& difference);
/// Of the ratio after ÷ before, at confidence 1 - alpha.
[[nodiscard]] std::optional<Interval> ratio_interval(const LogDifference& difference, double alpha);

}  // namespace podium::measure
