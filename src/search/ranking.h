#pragma once

#include <span>

#include "podium/results.h"

namespace podium::search {

/// Fills in latency, throughput, ratios, ranks and ties of the cells of one batch size from their blocks. Only cells that are `ok` are
/// ranked. `rank` is 1 + the number of cells that are significantly faster: whose paired ratio's 95 % interval lies wholly below 1. Cells
/// of which neither is significantly faster are tied, and both say so.
void rank_cells(std::span<Cell*> cells);

}  // namespace podium::search
