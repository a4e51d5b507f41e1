#pragma once

#include <cstdint>
#include <vector>

#include "convert/quantize/scales.h"
#include "onnx-ml.pb.h"

namespace podium::convert {

/// A weight as symmetric int8.
struct StoredWeight {
  Shape shape;
  std::vector<std::int64_t> numbers;
  std::vector<float> scales;  ///< one for each channel, or one for all
};

/// Its numbers as float. An error names a tensor that cannot be read or holds infinities or NaN.
[[nodiscard]] Result<std::vector<float>> finite_floats(const ::onnx::TensorProto& tensor);
[[nodiscard]] Result<StoredWeight> store_weight(const ::onnx::TensorProto& tensor, int axis, const QuantizationProfile& profile);

}  // namespace podium::convert
