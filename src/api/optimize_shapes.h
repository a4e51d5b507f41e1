#pragma once

#include "core/result.h"
#include "podium/optimize.h"

namespace podium::api {

/// The search at `what.shapes`, then at each of `request.more_shapes` among the candidates of the engine that won there. The budget is
/// shared out evenly; results are written to `what.json`, and beside it to files that count the other sets ("r.2.json").
[[nodiscard]] Result<OptimizeReport> optimize_shapes(const OptimizeRequest& request, const BenchRequest& what, BenchObserver& observer,
                                                     const CancelToken& cancel);

}  // namespace podium::api
