#pragma once

#include <cstddef>
#include <vector>

#include "podium/results.h"

namespace podium::report {

/// Samples of one cell as they are drawn.
struct DrawnSamples {
  std::vector<double> ms;             ///< of one call, in the order of measuring
  std::vector<std::size_t> outliers;  ///< positions in `ms`
  std::size_t of = 0;                 ///< scored samples that there were
};

/// At most `limit` of the scored samples: every outlier, as far as they leave room, and of the others evenly many from the whole
/// measurement. An outlier lies over three scaled median absolute deviations from the median of its block, as in Latency::outliers_mad.
[[nodiscard]] DrawnSamples draw_samples(const std::vector<Block>& blocks, std::size_t limit);

}  // namespace podium::report
