#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "podium/types.h"

/// The content of stored tensors. They lie in the model itself: read_whole() has brought external data in.
namespace podium::onnx {

[[nodiscard]] Shape shape_of(const ::onnx::TensorProto& tensor);
[[nodiscard]] bool is_float(const ::onnx::TensorProto& tensor) noexcept;  ///< float32, float64, float16 or bfloat16
/// The numbers of a floating tensor of any width. An error names the tensor and its type.
[[nodiscard]] Result<std::vector<float>> floats_of(const ::onnx::TensorProto& tensor);
/// The numbers of a whole-number or boolean tensor of any width.
[[nodiscard]] Result<std::vector<std::int64_t>> integers_of(const ::onnx::TensorProto& tensor);

/// A dense tensor of `type`, its values rounded to nearest, ties to even; float32, float64, float16 or bfloat16. Values beyond a type's
/// range become infinite, as IEEE 754 has it; who does not want that clamps before.
[[nodiscard]] ::onnx::TensorProto float_tensor(const std::string& name, const Shape& shape, std::span<const float> values,
                                               DataType type = DataType::float32);
/// A dense tensor of a whole-number type, or boolean; values are taken to fit.
[[nodiscard]] ::onnx::TensorProto integer_tensor(const std::string& name, const Shape& shape, std::span<const std::int64_t> values,
                                                 DataType type);

}  // namespace podium::onnx
