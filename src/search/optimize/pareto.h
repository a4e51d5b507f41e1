#pragma once

#include <vector>

#include "podium/optimize.h"

namespace podium::search {

/// The cells of one batch size, of those that are `ok`, that no other is at least as good as in latency, accuracy and memory, and better in
/// one. Accuracy is the drop of the metric where it was judged, else the SQNR. A figure that is not known counts as the worst. The fastest
/// first.
[[nodiscard]] std::vector<ParetoPoint> pareto_front(const std::vector<const Cell*>& cells);

}  // namespace podium::search
