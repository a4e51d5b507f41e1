#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "podium/results.h"

/// In how many launches a cell was measured, and what that is worth beside the others of its batch size.
namespace podium::report {

struct LaunchCounts {
  std::int64_t run = 0;
  std::int64_t scored = 0;  ///< of those, in which a block at least was not set aside
};

[[nodiscard]] LaunchCounts count_launches(const Cell& cell);
/// Of any of the cells.
[[nodiscard]] std::int64_t most_launches(const std::vector<const Cell*>& cells);
/// Those of one launch where others have more: a search left them behind, or the budget ended. How their launches differ is not known, so
/// that they may be far slower than a cell and yet not be told apart from it.
[[nodiscard]] std::set<const Cell*> measured_once(const std::vector<const Cell*>& cells);

}  // namespace podium::report
