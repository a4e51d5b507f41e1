#pragma once

#include <cstdint>
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
/// Whether it has one launch where others have more: a search left it behind, or the budget ended. How its launches differ is not known, so
/// that it may seem far slower than a cell and be told apart from it all the same by nothing.
[[nodiscard]] bool is_measured_once(const Cell& cell, const std::vector<const Cell*>& beside);

}  // namespace podium::report
