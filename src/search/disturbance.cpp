#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "measure/comparison.h"

namespace podium::search {
namespace {

/// Two launches are enough where enough cells have them (measure::Comparison pools their deviations).
std::size_t fewest_launches(std::span<Cell*> cells) {
  const auto measured = std::count_if(cells.begin(), cells.end(), [](const Cell* cell) { return cell->status == CellStatus::ok; });
  return static_cast<std::size_t>(measured) >= measure::fewest_cells_to_pool ? 2 : 3;
}

/// A launch is left where at least half of its blocks are.
bool has_too_little_left(const Cell& cell, std::size_t fewest) {
  if (cell.status != CellStatus::ok) return false;                               // it is not ranked
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> blocks_of_launch;  // all, and those that are left
  for (const Block& block : cell.blocks) {
    auto& [all, left] = blocks_of_launch[block.launch];
    ++all;
    if (!block.set_aside) ++left;
  }
  const auto launches_left =
      static_cast<std::size_t>(std::count_if(blocks_of_launch.begin(), blocks_of_launch.end(),
                                             [](const auto& launch) { return 2 * launch.second.second >= launch.second.first; }));
  return launches_left < std::min(fewest, blocks_of_launch.size());
}

}  // namespace

bool score_disturbed_blocks(std::span<Cell*> cells) {
  const std::size_t fewest = fewest_launches(cells);
  const bool is_short = std::any_of(cells.begin(), cells.end(), [&](const Cell* cell) { return has_too_little_left(*cell, fewest); });
  if (!is_short) return false;
  for (Cell* cell : cells) {
    for (Block& block : cell->blocks) block.set_aside = false;
  }
  return true;
}

}  // namespace podium::search
