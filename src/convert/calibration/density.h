#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "convert/calibration/calibration.h"
#include "convert/calibration/histogram.h"

namespace podium::convert {

/// The numbers other than zero on one axis. Zero itself needs no place: every range holds it, and it is quantized without error.
struct Density {
  std::vector<double> counts;  ///< bin i holds [(i - below) × width, (i - below + 1) × width)
  std::size_t below = 0;       ///< bins below zero
  double width = 0.0;
  [[nodiscard]] std::size_t above() const noexcept { return counts.size() - below; }
};

/// Bins past the least and the greatest number are left out. `folded`: of magnitudes.
[[nodiscard]] Density density_of(const Histogram& histogram, bool folded);

/// How many bins next to zero a range keeps on each side.
struct Cut {
  std::size_t below = 0;
  std::size_t above = 0;
};

/// The cut of least cost, the wider one where two cost the same: both ends tried together in steps of 1 %, then each in turn until neither
/// helps, and once more without the first step, since cost has more than one hollow. Cuts of fewer than `fewest` bins are not tried.
[[nodiscard]] Cut least_cost(const Density& density, std::size_t fewest, const std::function<double(Cut)>& cost);

/// The range of a cut, not past the numbers seen.
[[nodiscard]] Range range_of(const Cut& cut, const Density& density, const Histogram& histogram, bool symmetric);

}  // namespace podium::convert
