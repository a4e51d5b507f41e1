#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/tensor_view.h"

namespace podium::fake {

/// Tensors in memory of their own.
class Copies {
 public:
  Copies() = default;
  explicit Copies(std::span<const TensorView> tensors);
  [[nodiscard]] std::span<const TensorView> views() const noexcept { return views_; }

 private:
  std::vector<std::vector<std::byte>> bytes_;
  std::vector<TensorView> views_;
};

}  // namespace podium::fake
