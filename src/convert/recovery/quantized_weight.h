#pragma once

#include <optional>
#include <vector>

#include "onnx/graph_edit.h"

/// What a model with QuantizeLinear and DequantizeLinear computes with.
namespace podium::convert {

/// The numbers that come out of the DequantizeLinear at `index` of the node, stored as whole numbers or as float in front of a
/// QuantizeLinear. Nothing where the node reads no such weight.
[[nodiscard]] Result<std::optional<std::vector<float>>> quantized_weight(const onnx::GraphEdit& edit, const ::onnx::NodeProto& node,
                                                                         int index);

/// Adds `shift` to the bias at `index` of the node, which is float32, or int32 behind a DequantizeLinear and then rounded. The last axis
/// counts its channels. False where it is neither, or of another size.
[[nodiscard]] Result<bool> shift_bias(onnx::GraphEdit& edit, ::onnx::NodeProto& node, int index, const std::vector<double>& shift);

}  // namespace podium::convert
