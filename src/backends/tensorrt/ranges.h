#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace podium::tensorrt {

/// A quantized model taken apart: what it computes in float, and the ranges that its QuantizeLinear nodes stand for.
struct RangedModel {
  std::string onnx;
  std::map<std::string, float> ranges;  ///< by the value's name: r stands for [-r, r]
};

/// Takes the pairs of QuantizeLinear and DequantizeLinear out of an ONNX file with symmetric int8, so that TensorRT itself places the
/// conversions by ranges (up to version 10). Values that the pairs leave out since they lie within one kernel (before an activation
/// function, between a convolution and the Add behind it) get ranges that clip nothing of what is read behind them.
[[nodiscard]] Result<RangedModel> take_out_quantization(std::string_view onnx);

}  // namespace podium::tensorrt
