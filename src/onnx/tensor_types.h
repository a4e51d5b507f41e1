#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "podium/types.h"

namespace podium::onnx {

/// An element type of ONNX (TensorProto.DataType), Podium's own or not.
struct ElementType {
  int number = 0;
  std::string_view name;
  int bits = 0;                       ///< 0 where ONNX gives no fixed size, or none that is packed simply
  std::optional<DataType> data_type;  ///< where engines can be fed with it
};

/// The type of that number; nothing where ONNX has none.
[[nodiscard]] std::optional<ElementType> element_type(int number) noexcept;
/// TensorProto.DataType of one of Podium's types.
[[nodiscard]] int element_number(DataType type) noexcept;
/// Bytes of `count` elements stored densely; nothing where the size is not fixed.
[[nodiscard]] std::optional<std::int64_t> stored_bytes(const ElementType& type, std::int64_t count) noexcept;

}  // namespace podium::onnx
