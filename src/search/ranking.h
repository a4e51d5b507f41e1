#pragma once

#include <span>

#include "podium/results.h"

namespace podium::search {

/// Fills in latency, spread, launches, throughput, ratios, ranks and ties of the cells of one batch size from their blocks. Only cells that
/// are `ok` are ranked and compared, and the baseline with them. `rank` is 1 + the number of cells that are significantly faster
/// (measure::Comparison: outside ±1 %, corrected over all pairs). Cells of which neither is significantly faster are tied, and both say so.
/// Throughput is never worked out from latency: it is null with the reason where it was not measured.
/// No cell has a rank, a tie or a ratio to the best where the batch size is not done: a cell is `partial` and has blocks, or, in a run that
/// `was_stopped`, is `partial` at all. (One that a search had no time to try is `partial` without a block.)
void rank_cells(std::span<Cell*> cells, bool was_stopped = false);

}  // namespace podium::search
