#pragma once

#include <openvino/core/type/element_type.hpp>
#include <optional>
#include <string>

#include "podium/types.h"

namespace podium::openvino {

/// Nothing where Podium has no such type: strings, 4-bit integers, 8-bit floats.
[[nodiscard]] std::optional<DataType> to_data_type(const ov::element::Type& type) noexcept;
[[nodiscard]] ov::element::Type to_element_type(DataType type) noexcept;
/// "f32" → "float32": the names that the runtime model uses, as Podium writes them.
[[nodiscard]] std::string podium_name(const std::string& openvino_name);

}  // namespace podium::openvino
