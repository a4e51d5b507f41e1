#pragma once

#include <cstdint>
#include <span>

namespace podium::measure {

struct OutlierCounts {
  std::int64_t mad = 0;
  std::int64_t tukey = 0;
};

/// Labels, no more: the samples stay in every figure. A sample is judged within its block (`sorted` holds all of it, ascending), so that a
/// block which the machine slowed as a whole has no outliers for that. MAD: further than 3 scaled median absolute deviations from the
/// median (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). Tukey: beyond 1.5 interquartile ranges from the quartiles
/// (Exploratory Data Analysis, 1977). Where more than half of a block reads the same, its MAD is 0 and knows no scale: nothing is labelled
/// by it, and likewise by Tukey's fences.
[[nodiscard]] OutlierCounts count_outliers(std::span<const double> sorted);

}  // namespace podium::measure
