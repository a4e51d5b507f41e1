#include "measure/rounds.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "measure/statistics.h"

namespace podium::measure {

std::vector<double> milliseconds_of(const Block& block) {
  constexpr double ns_per_ms = 1e6;
  std::vector<double> values;
  if (block.set_aside) return values;
  const double calls = static_cast<double>(std::max<std::int64_t>(block.iterations_per_sample, 1));
  values.reserve(block.samples_ns.size());
  for (const std::int64_t sample : block.samples_ns) values.push_back(static_cast<double>(sample) / calls / ns_per_ms);
  return values;
}

LaunchCounts count_launches(std::span<const Block> blocks) {
  struct Launch {
    std::int64_t blocks = 0;
    std::int64_t left = 0;
    bool is_scored = false;
  };
  std::map<std::int64_t, Launch> launches;
  for (const Block& block : blocks) {
    Launch& launch = launches[block.launch];
    ++launch.blocks;
    if (block.set_aside) continue;
    ++launch.left;
    launch.is_scored = launch.is_scored || !block.samples_ns.empty();
  }
  LaunchCounts counts;
  for (const auto& [number, launch] : launches) {
    ++counts.all;
    if (launch.is_scored) ++counts.scored;
    if (2 * launch.left >= launch.blocks) ++counts.mostly_scored;
  }
  return counts;
}

std::map<std::int64_t, LaunchRounds> rounds_by_launch(std::span<const Block> blocks) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<double>> samples;
  std::map<std::int64_t, LaunchRounds> launches;
  for (const Block& block : blocks) {
    const std::vector<double> values = milliseconds_of(block);
    if (values.empty()) continue;
    auto& round = samples[{block.launch, block.round}];
    round.insert(round.end(), values.begin(), values.end());
    launches[block.launch].build = block.build;
  }
  for (auto& [where, values] : samples) {
    const double middle = median(std::move(values));
    if (middle > 0.0) launches[where.first].log_median[where.second] = std::log(middle);
  }
  std::erase_if(launches, [](const auto& launch) { return launch.second.log_median.empty(); });
  return launches;
}

}  // namespace podium::measure
