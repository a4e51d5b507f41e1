#pragma once

#include <vector>

#include "convert/half.h"
#include "convert/half/scope.h"

namespace podium::convert::half {

/// The nodes that compute in 16 bits, as decide() found them, in groups: one that computes, and with it the nodes that only move its
/// numbers about. Moving numbers that are rounded already loses nothing, so it makes no difference by itself.
[[nodiscard]] std::vector<NodeGroup> node_groups(Scope& model);

}  // namespace podium::convert::half
