#pragma once

#include <optional>
#include <vector>

#include "podium/results.h"

namespace podium::search {

/// Milliseconds of a call over its scored blocks; nothing where there are none.
[[nodiscard]] std::optional<double> median_of(const Cell& cell);

/// Blocks as though the machine had disturbed none of them.
[[nodiscard]] std::vector<Block> all_scored(std::vector<Block> blocks);
/// The same over all its blocks, those that the machine disturbed too: several times the time of another shows through any disturbance.
[[nodiscard]] std::optional<double> rough_median_of(const Cell& cell);

/// Whether a cell that was measured is so much slower than the fastest beside it that it was measured to be named (measure::out_of_reach):
/// as BatchState::is_out_of_reach says of one that is being measured.
[[nodiscard]] bool is_out_of_reach(const Cell& cell, double typical_ms, double fastest_ms) noexcept;

}  // namespace podium::search
