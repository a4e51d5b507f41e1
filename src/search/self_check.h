#pragma once

#include <span>

#include "podium/results.h"

namespace podium::search {

/// How often the method told equal cells apart. Each pair of copies of one candidate at one batch size is judged by itself, as if those
/// two were all that was measured. Cells that were not measured to their end are left out.
[[nodiscard]] SelfCheck check_copies(std::span<const Cell> cells, std::int64_t copies);

}  // namespace podium::search
