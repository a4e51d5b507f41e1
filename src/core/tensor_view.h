#pragma once

#include <cstddef>
#include <string>

#include "podium/types.h"

namespace podium {

/// Memory that somebody else owns, seen as a dense row-major tensor.
struct TensorView {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::byte* data = nullptr;

  [[nodiscard]] std::size_t bytes() const noexcept;
};

/// Product of the dimensions; 1 for a scalar.
[[nodiscard]] std::size_t element_count(const Shape& shape) noexcept;
/// "1x3x224x224"
[[nodiscard]] std::string to_string(const Shape& shape);

}  // namespace podium
