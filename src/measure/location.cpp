#include "measure/location.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "measure/statistics.h"

namespace podium::measure {
namespace {

constexpr std::size_t fewest_for_signed_ranks = 6;

std::vector<double> sorted_means_of_pairs(std::span<const double> values) {
  std::vector<double> means;
  means.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) means.push_back(0.5 * (values[i] + values[j]));
  }
  std::sort(means.begin(), means.end());
  return means;
}

}  // namespace

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance_of(std::span<const double> values) {
  if (values.size() < 2) return 0.0;
  const double mean = mean_of(values);
  const double squares = std::accumulate(values.begin(), values.end(), 0.0,
                                         [mean](double sum, double value) { return sum + (value - mean) * (value - mean); });
  return squares / static_cast<double>(values.size() - 1);
}

double t_quantile(double degrees_of_freedom, double confidence) {
  const boost::math::students_t distribution(degrees_of_freedom);
  return boost::math::quantile(boost::math::complement(distribution, 0.5 * (1.0 - confidence)));
}

double t_two_sided(double t, double degrees_of_freedom) {
  const boost::math::students_t distribution(degrees_of_freedom);
  return 2.0 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

Location mean_location(std::span<const double> values) {
  Location location{mean_of(values), std::nullopt};
  if (values.size() < 2) return location;
  const auto n = static_cast<double>(values.size());
  const double half = t_quantile(n - 1.0, 0.95) * std::sqrt(variance_of(values) / n);
  location.ci95 = Interval{location.value - half, location.value + half};
  return location;
}

double pseudomedian(std::span<const double> values) {
  return quantile_of_sorted(sorted_means_of_pairs(values), 0.5);
}

Location robust_location(std::span<const double> values) {
  if (values.size() < fewest_for_signed_ranks) return mean_location(values);
  const std::vector<double> means = sorted_means_of_pairs(values);
  const auto n = static_cast<double>(values.size());
  const double rank = n * (n + 1.0) / 4.0 - 1.959964 * std::sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0);
  const auto outside = static_cast<std::size_t>(std::max(0.0, std::floor(rank)));
  return {quantile_of_sorted(means, 0.5), Interval{means[outside], means[means.size() - 1 - outside]}};
}

}  // namespace podium::measure
