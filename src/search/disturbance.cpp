#include "search/disturbance.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "machine/energy.h"
#include "measure/comparison.h"
#include "measure/device_clock.h"
#include "measure/rounds.h"
#include "search/cell_median.h"

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
  struct Ranked {
    Cell* cell = nullptr;
    measure::LaunchCounts launches;
    double typical_ms = 0.0;  ///< 0: it has no samples
  };
  std::vector<Ranked> ranked;
  double fastest_ms = std::numeric_limits<double>::infinity();
  for (Cell* cell : cells) {
    const bool was_stopped = cell->status == CellStatus::partial && !cell->blocks.empty();
    if (cell->status != CellStatus::ok && !was_stopped) continue;
    ranked.push_back({cell, measure::count_launches(cell->blocks), rough_median_of(*cell).value_or(0.0)});
    if (ranked.back().typical_ms > 0.0) fastest_ms = std::min(fastest_ms, ranked.back().typical_ms);
  }
  // Two launches are enough where enough cells have them (measure::Comparison pools their deviations).
  const auto with_two = std::count_if(ranked.begin(), ranked.end(), [](const Ranked& it) { return it.launches.all >= 2; });
  const std::int64_t enough = static_cast<std::size_t>(with_two) >= measure::fewest_cells_to_pool ? 2 : 3;
  std::int64_t most = 0;
  for (const Ranked& it : ranked) most = std::max(most, it.launches.all);
  const std::int64_t wanted = std::min(enough, most);
  // One that left before its third launch, being far too slow, does not speak for the rest; nor does it where launches were asked for,
  // since it has one block in each.
  const std::int64_t to_speak = std::min<std::int64_t>(3, most);
  const auto speaks = [&](const Ranked& it) {
    return it.launches.all >= to_speak && !is_out_of_reach(*it.cell, it.typical_ms, fastest_ms);
  };
  const bool is_busy =
      std::any_of(ranked.begin(), ranked.end(), [&](const Ranked& it) { return speaks(it) && it.launches.mostly_scored < wanted; });
  for (const Ranked& it : ranked) {
    if (is_busy || it.launches.mostly_scored == 0) score_all_blocks(*it.cell);
  }
  return is_busy;
}

}  // namespace podium::search
