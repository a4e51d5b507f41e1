#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "podium/results.h"

namespace podium::measure {

[[nodiscard]] double mean_of(std::span<const double> values);
/// Sample variance (n - 1); 0 for fewer than two values.
[[nodiscard]] double variance_of(std::span<const double> values);

/// Student's t that `confidence` of the distribution lies within, either side.
[[nodiscard]] double t_quantile(double degrees_of_freedom, double confidence);
/// Probability of a t further from 0 than this one.
[[nodiscard]] double t_two_sided(double t, double degrees_of_freedom);

/// Where a sample lies, and how sure that is.
struct Location {
  double value = 0.0;
  std::optional<Interval> ci95;  ///< nothing for a single value
};

/// The mean, with Student's t.
[[nodiscard]] Location mean_location(std::span<const double> values);
/// Hodges and Lehmann's estimate (1963): the median of the means of all pairs. A few rounds that a foreign program disturbed do not drag it
/// away from the rounds that stand beside them, as they would drag a mean; without them it is nearly as exact as the mean.
[[nodiscard]] double pseudomedian(std::span<const double> values);
/// The largest sum of positive ranks of n values, six at least, that is reached or stayed under with 2.5 % at most: Wilcoxon's critical
/// value at 5 %, two-sided. Counted exactly up to 50 values; the normal approximation would hold 93.75 % for 95 % at six.
[[nodiscard]] std::size_t critical_rank_sum(std::size_t n);
/// From six values on the pseudomedian with the interval of Wilcoxon's signed ranks (Hollander and Wolfe, Nonparametric Statistical
/// Methods, 3.3–3.4); fewer have no such interval of 95 % (2 / 2^n > 5 %) and get the mean with Student's t.
[[nodiscard]] Location robust_location(std::span<const double> values);

}  // namespace podium::measure
