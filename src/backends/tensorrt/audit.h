#pragma once

#include <string>

#include "core/result.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium::tensorrt {

/// Counts an engine's layers by what its inspector tells in JSON. Layers that only bring numbers into another order or type count as
/// "reformat"; the share of them is what a careless choice of precisions costs.
[[nodiscard]] Result<Audit> audit_layers(const std::string& inspection, Precision asked);

}  // namespace podium::tensorrt
