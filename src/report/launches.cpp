#include "report/launches.h"

#include <algorithm>
#include <map>

namespace podium::report {

LaunchCounts count_launches(const Cell& cell) {
  std::map<std::int64_t, bool> is_scored;
  for (const Block& block : cell.blocks) is_scored[block.launch] = is_scored[block.launch] || !block.set_aside;
  if (is_scored.empty()) return {cell.launches, cell.launches};
  const auto scored = std::count_if(is_scored.begin(), is_scored.end(), [](const auto& launch) { return launch.second; });
  return {static_cast<std::int64_t>(is_scored.size()), static_cast<std::int64_t>(scored)};
}

std::int64_t most_launches(const std::vector<const Cell*>& cells) {
  std::int64_t most = 0;
  for (const Cell* cell : cells) most = std::max(most, count_launches(*cell).run);
  return most;
}

std::set<const Cell*> measured_once(const std::vector<const Cell*>& cells) {
  std::set<const Cell*> once;
  for (const Cell* cell : cells) {
    if (count_launches(*cell).run == 1) once.insert(cell);
  }
  return most_launches(cells) > 1 ? once : std::set<const Cell*>();
}

}  // namespace podium::report
