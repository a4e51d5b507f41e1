#pragma once

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::convert::half {

/// A half precision model that computes in float32, and rounds each value to 16 bits where it is made: what processors with products of 16
/// bits do, for engines that have no such kernels, or leave the rounding out between nodes that they compute in float32. Inputs and outputs
/// of 16 bits become float32.
[[nodiscard]] Result<::onnx::ModelProto> rounded_in_float32(const ::onnx::ModelProto& model);

}  // namespace podium::convert::half
