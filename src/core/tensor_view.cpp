#include "core/tensor_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace podium {

std::size_t element_count(const Shape& shape) noexcept {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

std::string to_string(const Shape& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

std::size_t TensorView::bytes() const noexcept {
  return element_count(shape) * size_of(type);
}

}  // namespace podium
