#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace podium::search {
namespace {

constexpr std::size_t fewest_launches = 3;

/// A launch is left where at least half of its blocks are.
bool has_too_little_left(const Cell& cell) {
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
  return launches_left < std::min(fewest_launches, blocks_of_launch.size());
}

}  // namespace

bool score_disturbed_blocks(std::span<Cell*> cells) {
  const bool is_short = std::any_of(cells.begin(), cells.end(), [](const Cell* cell) { return has_too_little_left(*cell); });
  if (!is_short) return false;
  for (Cell* cell : cells) {
    for (Block& block : cell->blocks) block.set_aside = false;
  }
  return true;
}

}  // namespace podium::search
