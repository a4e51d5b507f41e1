#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "podium/results.h"

namespace podium::accuracy {

/// A figure of any samples, each by its number and as often as it stands there.
using Figure = std::function<double(std::span<const std::size_t> samples)>;

/// Fewer samples than this resemble each other too often by chance.
inline constexpr std::size_t fewest_for_bootstrap = 10;

/// What other samples would have given, as the samples at hand drawn again with repetition show (percentile bootstrap, Efron 1979). Seeded.
struct Bootstrap {
  std::optional<Interval> ci95;         ///< of the cell's figure, two-sided
  std::optional<Interval> drop_bounds;  ///< of the drop, each bound at 95 % by itself; both figures are of the same drawn samples
  std::optional<double> p_value;        ///< two-sided: that there is no drop
};

/// `drop_of(cell, baseline)` is how much worse the cell is. Without `baseline` there are no drops. Nothing is given for fewer than
/// fewest_for_bootstrap samples, or where a figure is not finite.
[[nodiscard]] Bootstrap bootstrap(std::size_t samples, const Figure& cell, const Figure& baseline,
                                  const std::function<double(double cell, double baseline)>& drop_of, std::uint64_t seed);

}  // namespace podium::accuracy
