#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "machine/energy.h"
#include "measure/comparison.h"
#include "measure/device_clock.h"
#include "measure/rounds.h"

namespace podium::search {
namespace {

void score_all_blocks(Cell& cell) {
  for (Block& block : cell.blocks) block.set_aside = false;
  measure::take_device_clock(cell);
  const auto known = cell.missing.find("energy_j_per_inference");  // why the machine tells none
  machine::take_energy(cell, known == cell.missing.end() ? std::string() : std::string(known->second));
}

}  // namespace

bool score_disturbed_blocks(std::span<Cell*> cells) {
  std::vector<std::pair<Cell*, measure::LaunchCounts>> ranked;
  for (Cell* cell : cells) {
    if (cell->status == CellStatus::ok) ranked.emplace_back(cell, measure::count_launches(cell->blocks));
  }
  // Two launches are enough where enough cells have them (measure::Comparison pools their deviations).
  const auto with_two = std::count_if(ranked.begin(), ranked.end(), [](const auto& cell) { return cell.second.all >= 2; });
  const std::int64_t enough = static_cast<std::size_t>(with_two) >= measure::fewest_cells_to_pool ? 2 : 3;
  std::int64_t most = 0;
  for (const auto& [cell, launches] : ranked) most = std::max(most, launches.all);
  const std::int64_t wanted = std::min(enough, most);
  // One that left before its third launch, being far too slow, does not speak for the rest.
  const std::int64_t to_speak = std::min<std::int64_t>(3, most);
  const bool is_busy = std::any_of(ranked.begin(), ranked.end(),
                                   [&](const auto& cell) { return cell.second.all >= to_speak && cell.second.mostly_scored < wanted; });
  for (auto& [cell, launches] : ranked) {
    if (is_busy || launches.mostly_scored == 0) score_all_blocks(*cell);
  }
  return is_busy;
}

}  // namespace podium::search
