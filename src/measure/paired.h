#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "measure/comparison.h"
#include "measure/rounds.h"

namespace podium::measure {

using Launches = std::map<std::int64_t, LaunchRounds>;

/// One difference for each launch that two cells have in common, straight or through a bridge.
[[nodiscard]] std::vector<LaunchDifference> launch_differences(const Launches& a, const Launches& b,
                                                               std::span<const Launches* const> bridges);

/// What the differences of two launches or more tell together.
[[nodiscard]] LogRatio over_launches(std::span<const LaunchDifference> differences);
/// What the rounds of a single common launch tell; nothing where the two cells have no common round there, straight or through a bridge.
[[nodiscard]] std::optional<LogRatio> over_rounds(const LaunchRounds& a, const LaunchRounds& b,
                                                  std::span<const LaunchRounds* const> bridges);

}  // namespace podium::measure
