#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "convert/calibration/density.h"
#include "convert/calibration/range_finders.h"

namespace podium::convert {
namespace {

double times_log(double x) {
  return x > 0.0 ? x * std::log(x) : 0.0;
}

/// Tells the divergence of a cut from running sums, at the cost of one logarithm for each level.
class Divergence {
 public:
  Divergence(const Density& density, std::size_t levels) : density_(density), levels_(levels) {
    const std::size_t size = density.counts.size();
    counted_.resize(size + 1);
    nonzero_.resize(size + 1);
    times_log_.resize(size + 1);
    for (std::size_t i = 0; i < size; ++i) {
      const double count = density.counts[i];
      counted_[i + 1] = counted_[i] + count;
      nonzero_[i + 1] = nonzero_[i] + (count > 0.0 ? 1.0 : 0.0);
      times_log_[i + 1] = times_log_[i] + times_log(count);
    }
  }

  /// In nats. Infinite where the quantized distribution has nothing at an end at which numbers were clipped.
  [[nodiscard]] double operator()(Cut cut) const {
    const Window window = window_of(cut);
    const double inside = counted_[window.last] - counted_[window.first];
    if (inside == 0.0) return std::numeric_limits<double>::infinity();
    const Sums sums = quantized(window);
    const double real = times_log_[window.last] - times_log_[window.first] + clipped_terms(window);
    const double total = counted_.back();
    return (real - sums.cross) / total + std::log(inside / total) - (sums.bins - sums.groups) / (2.0 * total);
  }

 private:
  struct Window {
    std::size_t first, last;  ///< bins inside
    double clipped_below, clipped_above;
  };
  struct Sums {
    double cross = 0.0;   ///< of real count × log of quantized count
    double bins = 0.0;    ///< that are not empty inside
    double groups = 0.0;  ///< that are not empty inside
  };

  [[nodiscard]] Window window_of(Cut cut) const {
    const std::size_t first = density_.below - cut.below;
    const std::size_t last = density_.below + cut.above;
    return {first, last, counted_[first], counted_.back() - counted_[last]};
  }

  /// By how much the clipped numbers, added to the bins at the ends, change the sum of count × log(count).
  [[nodiscard]] double clipped_terms(const Window& window) const {
    const double first = density_.counts[window.first];
    const double last = density_.counts[window.last - 1];
    if (window.last - window.first == 1) return times_log(first + window.clipped_below + window.clipped_above) - times_log(first);
    return times_log(first + window.clipped_below) - times_log(first) + times_log(last + window.clipped_above) - times_log(last);
  }

  /// Each level's numbers, spread evenly over those of its bins that are not empty.
  [[nodiscard]] Sums quantized(const Window& window) const {
    Sums sums;
    const std::size_t bins = window.last - window.first;
    const std::size_t groups = std::min(levels_, bins);
    for (std::size_t group = 0; group < groups; ++group) {
      const std::size_t begin = window.first + group * bins / groups;
      const std::size_t end = window.first + (group + 1) * bins / groups;
      const double count = counted_[end] - counted_[begin];
      double real = count;
      double nonzero = nonzero_[end] - nonzero_[begin];
      sums.bins += nonzero;
      sums.groups += count > 0.0 ? 1.0 : 0.0;
      if (group == 0) add_clipped(window.clipped_below, density_.counts[begin], real, nonzero);
      if (group + 1 == groups) add_clipped(window.clipped_above, density_.counts[end - 1], real, nonzero);
      if (real == 0.0) continue;
      sums.cross += real * (count > 0.0 ? std::log(count / nonzero) : -std::numeric_limits<double>::infinity());
    }
    return sums;
  }

  static void add_clipped(double clipped, double bin_count, double& real, double& nonzero) {
    real += clipped;
    if (clipped > 0.0 && bin_count == 0.0) nonzero += 1.0;
  }

  const Density& density_;
  std::size_t levels_;
  std::vector<double> counted_;    ///< running sums, from the lowest bin
  std::vector<double> nonzero_;    ///< of bins that are not empty
  std::vector<double> times_log_;  ///< of count × log(count)
};

}  // namespace

Range entropy_range(const Histogram& histogram, const CalibrationSettings& settings) {
  const auto levels = static_cast<std::size_t>(settings.symmetric ? settings.levels / 2 : settings.levels);
  const Density density = density_of(histogram, settings.symmetric);
  if (density.counts.empty()) return {};
  const Divergence divergence(density, levels);
  return range_of(least_cost(density, levels, divergence), density, histogram, settings.symmetric);
}

}  // namespace podium::convert
