#pragma once

#include <span>

#include "podium/results.h"

namespace podium::search {

/// Blocks are set aside so that a disturbance of some minutes does not spoil a run. Where too little would be left of a cell to compare it
/// by (fewer than three of its launches, two where four cells or more have two, or as many as any cell had, with half of their blocks at
/// least), the machine was like that all the time: all blocks of the batch size are scored again, each with its evidence still beside it,
/// and the cells' device clocks and energy are taken from them. A cell with fewer launches than that, one out of reach, speaks for itself
/// alone: where nothing would be left of it, its own blocks are scored. Says whether the batch size was scored again.
bool score_disturbed_blocks(std::span<Cell*> cells);

}  // namespace podium::search
