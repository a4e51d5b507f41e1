#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string>
#include <string_view>

#include "podium/types.h"

namespace podium::aotinductor {

/// Nothing where Podium has no such type: complex, quantized and 8-bit floating-point numbers.
[[nodiscard]] std::optional<DataType> to_data_type(c10::ScalarType type) noexcept;
[[nodiscard]] c10::ScalarType to_scalar_type(DataType type) noexcept;
/// C++ type names of Inductor's kernels ("float", "bfloat16", "int64_t") and PyTorch's own ("float32", "long"), as Podium writes them.
[[nodiscard]] std::string podium_name(std::string_view torch_name);

}  // namespace podium::aotinductor
