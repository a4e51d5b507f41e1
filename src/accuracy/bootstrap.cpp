#include "accuracy/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "accuracy/proportions.h"
#include "measure/statistics.h"

namespace podium::accuracy {
namespace {

constexpr std::size_t draws = 2000;

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

Interval quantiles(std::vector<double>& values, double tail) {
  std::sort(values.begin(), values.end());
  return {measure::quantile_of_sorted(values, tail), measure::quantile_of_sorted(values, 1.0 - tail)};
}

/// Twice the rarer side, the sample at hand counted as a draw so that it is never 0 (Davison and Hinkley 1997, ch. 4).
double two_sided(const std::vector<double>& drops) {
  const auto at_most = std::count_if(drops.begin(), drops.end(), [](double drop) { return drop <= 0.0; });
  const auto at_least = std::count_if(drops.begin(), drops.end(), [](double drop) { return drop >= 0.0; });
  const double rarer = static_cast<double>(std::min(at_most, at_least) + 1) / static_cast<double>(drops.size() + 1);
  return std::min(1.0, 2.0 * rarer);
}

}  // namespace

Bootstrap bootstrap(std::size_t samples, const Figure& cell, const Figure& baseline,
                    const std::function<double(double cell, double baseline)>& drop_of, std::uint64_t seed) {
  if (samples < fewest_for_bootstrap) return {};
  std::mt19937_64 engine(seed);
  std::vector<std::size_t> drawn(samples);
  std::vector<double> figures;
  std::vector<double> drops;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    for (std::size_t& sample : drawn) sample = engine() % samples;
    figures.push_back(cell(drawn));
    if (baseline) drops.push_back(drop_of(figures.back(), baseline(drawn)));
  }
  Bootstrap result;
  if (all_finite(figures)) result.ci95 = quantiles(figures, (1.0 - confidence) / 2.0);
  if (drops.empty() || !all_finite(drops)) return result;
  result.p_value = two_sided(drops);
  result.drop_bounds = quantiles(drops, 1.0 - confidence);
  return result;
}

}  // namespace podium::accuracy
