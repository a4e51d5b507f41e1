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

bool is_measured_once(const Cell& cell, const std::vector<const Cell*>& beside) {
  return count_launches(cell).run == 1 && most_launches(beside) > 1;
}

}  // namespace podium::report
