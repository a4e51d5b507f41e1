#pragma once

#include <onnxruntime_cxx_api.h>

#include <optional>
#include <string_view>

#include "podium/types.h"

namespace podium::onnxruntime {

/// Nothing where Podium has no such type: strings, complex numbers, 4-bit and 8-bit floats.
[[nodiscard]] std::optional<DataType> to_data_type(ONNXTensorElementDataType type) noexcept;
[[nodiscard]] ONNXTensorElementDataType to_onnx_type(DataType type) noexcept;
/// "float" → "float32": the names that ONNX Runtime's profile uses, as Podium writes them.
[[nodiscard]] std::string_view podium_name(std::string_view onnx_name) noexcept;

}  // namespace podium::onnxruntime
