#include "backends/fake/copies.h"

namespace podium::fake {

Copies::Copies(std::span<const TensorView> tensors) {
  for (const TensorView& tensor : tensors) {
    std::vector<std::byte>& bytes = bytes_.emplace_back(tensor.data, tensor.data + tensor.bytes());
    views_.push_back(tensor);
    views_.back().data = bytes.data();  // a vector that is moved keeps its memory
  }
}

}  // namespace podium::fake
