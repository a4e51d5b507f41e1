#include "measure/outliers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "measure/statistics.h"

namespace podium::measure {
namespace {

std::int64_t count_outside(std::span<const double> sorted, double low, double high) {
  return std::count_if(sorted.begin(), sorted.end(), [=](double value) { return value < low || value > high; });
}

}  // namespace

OutlierCounts count_outliers(std::span<const double> sorted) {
  OutlierCounts counts;
  if (sorted.empty()) return counts;
  const double middle = quantile_of_sorted(sorted, 0.5);
  std::vector<double> distances;
  distances.reserve(sorted.size());
  for (const double value : sorted) distances.push_back(std::abs(value - middle));
  constexpr double to_standard_deviation = 1.4826;  // of the median absolute deviation of normal samples
  const double reach = 3.0 * to_standard_deviation * median(std::move(distances));
  if (reach > 0.0) counts.mad = count_outside(sorted, middle - reach, middle + reach);
  const double lower = quantile_of_sorted(sorted, 0.25);
  const double upper = quantile_of_sorted(sorted, 0.75);
  const double fence = 1.5 * (upper - lower);
  if (fence > 0.0) counts.tukey = count_outside(sorted, lower - fence, upper + fence);
  return counts;
}

}  // namespace podium::measure
