#include <algorithm>
#include <span>

#include "convert/calibration/density.h"
#include "convert/calibration/range_finders.h"

namespace podium::convert {
namespace {

/// The magnitude past which `allowed` of the counted numbers lie.
template <typename Count>
double tail_cut(std::span<const Count> counts, double allowed, double width) {
  double outside = 0.0;
  for (std::size_t bin = counts.size(); bin-- > 0;) {
    const auto count = static_cast<double>(counts[bin]);
    if (count > 0.0 && outside + count > allowed) return (static_cast<double>(bin + 1) - (allowed - outside) / count) * width;
    outside += count;
  }
  return 0.0;
}

}  // namespace

Range percentile_range(const Histogram& histogram, const CalibrationSettings& settings) {
  const double allowed = (1.0 - settings.percentile / 100.0) * static_cast<double>(histogram.count());
  if (settings.symmetric) {
    const Density magnitudes = density_of(histogram, true);
    const auto cut = static_cast<float>(tail_cut(std::span(magnitudes.counts), allowed, magnitudes.width));
    const float largest = std::min(cut, std::max(histogram.high(), -histogram.low()));
    return {-largest, largest};
  }
  const auto above = static_cast<float>(tail_cut(histogram.above(), allowed / 2.0, histogram.width()));
  const auto below = static_cast<float>(tail_cut(histogram.below(), allowed / 2.0, histogram.width()));
  return {std::max(0.0F - below, histogram.low()), std::min(above, histogram.high())};
}

}  // namespace podium::convert
