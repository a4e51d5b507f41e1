#pragma once

#include <cstdint>
#include <optional>

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// Operations of Conv, Gemm and MatMul (quantized ones too) for one input, a multiply-add counted as two. Nothing where the shape of any of
/// them is not known without running, or where there is none.
[[nodiscard]] std::optional<std::int64_t> count_flops(const ::onnx::ModelProto& model);

}  // namespace podium::onnx
