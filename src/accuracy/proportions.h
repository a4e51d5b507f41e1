#pragma once

#include <cstdint>

#include "podium/results.h"

/// Shares of samples, and of two shares of the same samples: what they tell of all inputs such as these.
namespace podium::accuracy {

/// Confidence of every interval and bound in this folder.
inline constexpr double confidence = 0.95;

/// Two-sided interval of a share of `hits` in `n` (Wilson, Probable Inference, JASA 1927). n ≥ 1.
[[nodiscard]] Interval wilson(std::int64_t hits, std::int64_t n);

/// Bounds of a share, each of which holds at 95 % by itself (Clopper and Pearson, Biometrika 1934): exact, for few samples too. n ≥ 1.
[[nodiscard]] Interval clopper_pearson_bounds(std::int64_t hits, std::int64_t n);

/// Samples that only the baseline has right, and only the cell.
struct Discordant {
  std::int64_t lost = 0;
  std::int64_t gained = 0;
};

/// Two-sided p-value of McNemar's exact test: how likely so uneven a count is where cell and baseline are equally good.
[[nodiscard]] double mcnemar_exact(const Discordant& discordant);

/// Bounds of the drop, the share lost less the share gained, each of which holds at 95 % by itself: those of the score test (Tango,
/// Statistics in Medicine 1998), but never tighter than the exact ones (Clopper and Pearson) of as many losses as are left over. Without
/// any discordant sample 20 samples bound a drop to 13.9 points, and 299 to one.
[[nodiscard]] Interval drop_bounds(const Discordant& discordant, std::int64_t n);

}  // namespace podium::accuracy
