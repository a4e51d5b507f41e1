#pragma once

#include <cstdint>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

/// Rewrites the model in another version of the default operator set, up or down, and sets the IR version that goes with it. What has no
/// equal there is an error that names the node, its operator and both versions; the model is then unchanged.
[[nodiscard]] Result<void> convert_opset(::onnx::ModelProto& model, std::int64_t version);

}  // namespace podium::onnx
