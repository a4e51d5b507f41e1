#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/tensor_view.h"
#include "podium/types.h"

namespace podium::worker {

/// A copy of the answer to one batch, to know it again by.
class KnownAnswer {
 public:
  KnownAnswer(std::span<const TensorView> outputs, Precision precision);
  /// How the outputs differ, in a sentence; empty where they are the same, but for what the order of additions does in this precision.
  [[nodiscard]] std::string difference(std::span<const TensorView> outputs) const;

 private:
  struct Tensor {
    TensorView view;  ///< its data is not used
    std::vector<std::byte> bytes;
  };
  [[nodiscard]] bool is_close(const Tensor& known, const TensorView& given) const;

  std::vector<Tensor> tensors_;
  double tolerance_;  ///< root mean square of the difference, relative to that of the answer
};

}  // namespace podium::worker
