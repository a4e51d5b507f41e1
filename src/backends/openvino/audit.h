#pragma once

#include <openvino/core/model.hpp>

#include "podium/results.h"
#include "podium/types.h"

namespace podium::openvino {

/// Whether the model itself, as it was read, computes in 8-bit integers or fewer, or keeps its weights in them.
[[nodiscard]] bool is_quantized(const ov::Model& model);

/// Counts the nodes that OpenVINO compiled by the arithmetic that each runs in. Nodes that only hold or move data are left out.
/// Nodes that the CPU plugin hands to OpenVINO's reference code count as "reference" and make the fall-back share: that is how the engine
/// covers what it has no kernel for, and no fault. 8-bit arithmetic in a model that is not quantized is another precision than asked.
[[nodiscard]] Audit audit_runtime_model(const ov::Model& runtime_model, Precision asked, bool quantized_model);

}  // namespace podium::openvino
