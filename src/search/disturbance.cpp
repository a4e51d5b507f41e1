#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "measure/comparison.h"
#include "measure/device_clock.h"

namespace podium::search {
namespace {

struct Launches {
  std::size_t all = 0;
  std::size_t left = 0;  ///< of which at least half of the blocks are
};

Launches launches_of(const Cell& cell) {
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> blocks_of_launch;  // all, and those that are left
  for (const Block& block : cell.blocks) {
    auto& [all, left] = blocks_of_launch[block.launch];
    ++all;
    if (!block.set_aside) ++left;
  }
  const auto left = std::count_if(blocks_of_launch.begin(), blocks_of_launch.end(),
                                  [](const auto& launch) { return 2 * launch.second.second >= launch.second.first; });
  return {blocks_of_launch.size(), static_cast<std::size_t>(left)};
}

void score_all_blocks(Cell& cell) {
  for (Block& block : cell.blocks) block.set_aside = false;
  measure::take_device_clock(cell);
}

}  // namespace

bool score_disturbed_blocks(std::span<Cell*> cells) {
  std::vector<std::pair<Cell*, Launches>> ranked;
  for (Cell* cell : cells) {
    if (cell->status == CellStatus::ok) ranked.emplace_back(cell, launches_of(*cell));
  }
  // Two launches are enough where enough cells have them (measure::Comparison pools their deviations).
  const auto with_two = std::count_if(ranked.begin(), ranked.end(), [](const auto& cell) { return cell.second.all >= 2; });
  const std::size_t enough = static_cast<std::size_t>(with_two) >= measure::fewest_cells_to_pool ? 2 : 3;
  std::size_t most = 0;
  for (const auto& [cell, launches] : ranked) most = std::max(most, launches.all);
  const std::size_t wanted = std::min(enough, most);
  // One that left before its third launch, being far too slow, does not speak for the rest.
  const std::size_t to_speak = std::min<std::size_t>(3, most);
  const bool is_busy =
      std::any_of(ranked.begin(), ranked.end(), [&](const auto& cell) { return cell.second.all >= to_speak && cell.second.left < wanted; });
  for (auto& [cell, launches] : ranked) {
    if (is_busy || launches.left == 0) score_all_blocks(*cell);
  }
  return is_busy;
}

}  // namespace podium::search
