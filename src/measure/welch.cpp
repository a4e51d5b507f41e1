#include "measure/welch.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <utility>

#include "measure/comparison.h"
#include "measure/location.h"

namespace podium::measure {
namespace {

/// How far the difference lies outside what counts as the same; 0 within it.
double beyond_margin(double difference) {
  const double edge = difference > 0.0 ? std::log1p(equivalence_margin) : -std::log1p(-equivalence_margin);
  return std::max(0.0, std::abs(difference) - edge);
}

}  // namespace

Side side_of(std::span<const double> units) {
  return {mean_of(units), variance_of(units), units.size()};
}

LogDifference welch(const Side& before, const Side& after) {
  LogDifference difference{after.mean - before.mean, 0.0, 0.0};
  if (before.n < 2 || after.n < 2) return difference;
  const auto [n, m] = std::pair{static_cast<double>(before.n), static_cast<double>(after.n)};
  const double a = before.variance / n;
  const double b = after.variance / m;
  difference.standard_error = std::sqrt(a + b);
  // Units that are all the same have no variance to share out; the pooled count is what is left.
  difference.degrees_of_freedom = a + b > 0.0 ? (a + b) * (a + b) / (a * a / (n - 1.0) + b * b / (m - 1.0)) : n + m - 2.0;
  return difference;
}

double p_beyond_margin(const LogDifference& difference) {
  if (difference.degrees_of_freedom <= 0.0) return 1.0;
  const double beyond = beyond_margin(difference.value);
  if (beyond <= 0.0) return 1.0;
  if (difference.standard_error <= 0.0) return 0.0;
  const boost::math::students_t distribution(difference.degrees_of_freedom);
  return std::min(1.0, 2.0 * boost::math::cdf(boost::math::complement(distribution, beyond / difference.standard_error)));
}

std::optional<Interval> ratio_interval(const LogDifference& difference, double alpha) {
  if (difference.degrees_of_freedom <= 0.0) return std::nullopt;
  const boost::math::students_t distribution(difference.degrees_of_freedom);
  const double half = difference.standard_error * boost::math::quantile(boost::math::complement(distribution, 0.5 * alpha));
  return Interval{std::exp(difference.value - half), std::exp(difference.value + half)};
}

}  // namespace podium::measure
