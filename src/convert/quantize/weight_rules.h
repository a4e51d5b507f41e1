#pragma once

#include "convert/quantize/operator_rules.h"

namespace podium::convert {

/// The stored weight of a Conv, ConvTranspose, Gemm or MatMul, the axis of its output channels and its bias. An error, whose message is
/// the reason, where it cannot be stored as int8.
[[nodiscard]] Result<WeightUse> weight_of(const ::onnx::NodeProto& node, const GraphView& view, const QuantizationProfile& profile);

}  // namespace podium::convert
