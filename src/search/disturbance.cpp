#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <set>

namespace podium::search {
namespace {

constexpr std::size_t fewest_launches = 3;

std::size_t launches_of(const Cell& cell, bool with_set_aside) {
  std::set<std::int64_t> launches;
  for (const Block& block : cell.blocks) {
    if (with_set_aside || !block.set_aside) launches.insert(block.launch);
  }
  return launches.size();
}

bool has_too_little_left(const Cell& cell) {
  return launches_of(cell, false) < std::min(fewest_launches, launches_of(cell, true));
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
