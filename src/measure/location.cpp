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
/// 2^n signs are counted in doubles, which hold whole numbers up to 2^53; so many values need no exact count.
constexpr std::size_t most_counted_exactly = 50;

std::vector<double> sorted_means_of_pairs(std::span<const double> values) {
  std::vector<double> means;
  means.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) means.push_back(0.5 * (values[i] + values[j]));
  }
  std::sort(means.begin(), means.end());
  return means;
}

/// How many of the 2^n ways to give signs to the ranks 1 … n have a sum of positive ranks of 0, 1, 2, …: each rank is in the sum or not.
std::vector<double> signed_rank_counts(std::size_t n) {
  std::vector<double> ways(n * (n + 1) / 2 + 1, 0.0);
  ways.front() = 1.0;
  std::size_t largest = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    largest += rank;
    for (std::size_t sum = largest; sum >= rank; --sum) ways[sum] += ways[sum - rank];
  }
  return ways;
}

std::size_t exact_critical_rank_sum(std::size_t n) {
  const std::vector<double> ways = signed_rank_counts(n);
  const double most = 0.025 * std::ldexp(1.0, static_cast<int>(n));
  double lower = ways.front();
  std::size_t sum = 0;
  while (lower + ways[sum + 1] <= most) lower += ways[++sum];
  return sum;
}

}  // namespace

std::size_t critical_rank_sum(std::size_t n) {
  if (n <= most_counted_exactly) return exact_critical_rank_sum(n);
  const auto count = static_cast<double>(n);
  const double deviation = std::sqrt(count * (count + 1.0) * (2.0 * count + 1.0) / 24.0);
  return static_cast<std::size_t>(std::floor(count * (count + 1.0) / 4.0 - 1.959964 * deviation));
}

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
  const std::size_t outside = critical_rank_sum(values.size());
  return {quantile_of_sorted(means, 0.5), Interval{means[outside], means[means.size() - 1 - outside]}};
}

}  // namespace podium::measure
