#pragma once

#include <span>
#include <vector>

namespace podium::accuracy {

/// Every output of one input (one row of a batch), in the model's order, joined into one vector each.
using Row = std::vector<std::vector<float>>;
using Rows = std::span<const Row>;

}  // namespace podium::accuracy
