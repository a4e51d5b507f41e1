#pragma once

#include <openvino/core/model.hpp>

#include "podium/results.h"
#include "podium/types.h"

namespace podium::openvino {

/// Counts the nodes that OpenVINO compiled by the arithmetic that each runs in. Nodes that only hold or move data are left out.
/// The fall-back share is that of the floating-point nodes which run in another float type than the one asked for.
[[nodiscard]] Audit audit_runtime_model(const ov::Model& runtime_model, Precision asked);

}  // namespace podium::openvino
