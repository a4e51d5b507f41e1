#pragma once

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::convert {

/// An error that names the node, where a model computes with quantized numbers already.
[[nodiscard]] Result<void> refuse_quantized(const ::onnx::ModelProto& model);

}  // namespace podium::convert
