#pragma once

#include <span>

#include "core/output_sums.h"

namespace podium::accuracy {

using Rows = std::span<const Row>;

}  // namespace podium::accuracy
