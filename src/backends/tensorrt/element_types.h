#pragma once

#include <NvInfer.h>

#include <optional>

#include "podium/types.h"

namespace podium::tensorrt {

/// Nothing where Podium has no such type: 4-bit and 8-bit floats.
[[nodiscard]] std::optional<DataType> to_data_type(nvinfer1::DataType type) noexcept;
/// Whether the engine has `in_engine` for the 64-bit integers that the model declares.
[[nodiscard]] bool is_narrowed(DataType declared, DataType in_engine) noexcept;

[[nodiscard]] Shape to_shape(const nvinfer1::Dims& dims);
/// At most as many axes as TensorRT has.
[[nodiscard]] nvinfer1::Dims to_dims(const Shape& shape) noexcept;

}  // namespace podium::tensorrt
