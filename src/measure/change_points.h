#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "measure/welch.h"

/// Where did a cell become faster or slower, in a series of runs? A run is one value, since what differs from run to run is what noise
/// means here; levels last three runs at least.
///
/// Seeded binary segmentation (Kovács, Bühlmann, Li and Munk, Biometrika 110, 2023): a stretch of runs is looked at in whole, in halves, in
/// quarters and so on, each overlapping the next by three quarters, so that a short spell does not drown in a long series. In each, every
/// place is tried as a change by Welch's t with the ±1 % margin of a comparison; the one with the smallest p-value is taken where that,
/// times the number of places tried (Bonferroni), is at most the level asked for. Both sides are then searched likewise. A test on means of
/// unequal variance instead of E-divisive's resampling, as Hunter does it (Fleming et al., ICPE 2023): the same answer each time, and few
/// runs suffice. Like Hunter, found changes are looked at again between their neighbours, and the weakest is given up first.
namespace podium::measure {

inline constexpr std::size_t shortest_level = 3;
/// With fewer there is no place where both sides are a level.
inline constexpr std::size_t fewest_runs = 2 * shortest_level;

/// One run, on a logarithmic scale.
struct RunValue {
  double value = 0.0;
  double variance = 0.0;  ///< of `value`, as the run's own launches tell; 0 where they do not
};

/// Runs between two changes, by position; those that stand alone are not counted.
struct Level {
  std::size_t first = 0;
  std::size_t last = 0;
  Side runs;
};

struct ChangePoint {
  std::size_t at = 0;        ///< first run of the new level
  LogDifference difference;  ///< new level - old level
  double alpha = 0.0;        ///< 1 - confidence at which it was judged, every place tried counted in
};

/// A straight line through all runs.
struct Drift {
  LogDifference over_all;  ///< last run - first run, on the line
  double alpha = 0.0;      ///< 1 - confidence at which it was judged
};

struct Course {
  std::vector<bool> stands_alone;  ///< a single run off both its neighbourhoods, which agree: no level, and no part of one
  std::vector<Level> levels;
  std::vector<ChangePoint> changes;
  std::optional<Drift> drift;  ///< where a line tells the course better than levels do; there are no changes then
};

/// Of runs in the order of time. Where nothing changed, a change or a drift is told with a probability of at most `alpha`.
[[nodiscard]] Course course_of(std::span<const RunValue> runs, double alpha);

/// The smallest step, as a share, that would have been told had it come with the last three runs, by the noise of runs within their levels:
/// what nobody sees there. Infinite where there are too few runs. `alpha` as course_of() had it.
[[nodiscard]] double hidden_step(const Course& course, double alpha);

/// Runs that stand alone: away from the medians of up to three runs before and after, to the same side, by over five robust deviations of
/// the series, over twice what those medians differ by, and over 1 %. The first two and the last two are never called so.
[[nodiscard]] std::vector<bool> runs_that_stand_alone(std::span<const RunValue> runs);

}  // namespace podium::measure
