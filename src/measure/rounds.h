#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "podium/results.h"

namespace podium::measure {

/// Scored samples of a block in milliseconds for one call; none where the block is set aside.
[[nodiscard]] std::vector<double> milliseconds_of(const Block& block);

/// Distinct launches of a cell, however many blocks each has.
struct LaunchCounts {
  std::int64_t all = 0;
  std::int64_t scored = 0;         ///< that have a scored sample
  std::int64_t mostly_scored = 0;  ///< of whose blocks at least half are not set aside
};
[[nodiscard]] LaunchCounts count_launches(std::span<const Block> blocks);

/// What a cell did in one launch.
struct LaunchRounds {
  std::int64_t build = 0;
  std::map<std::int64_t, double> log_median;  ///< of each round that has scored samples; a clock that read 0 has no logarithm
};

/// By launch; launches without a scored round are left out.
[[nodiscard]] std::map<std::int64_t, LaunchRounds> rounds_by_launch(std::span<const Block> blocks);

}  // namespace podium::measure
