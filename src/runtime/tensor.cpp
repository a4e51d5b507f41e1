#include "podium/tensor.h"

#include <fmt/format.h>

#include <limits>
#include <new>

#include "core/tensor_view.h"
#include "core/text.h"

namespace podium {
namespace {

constexpr std::size_t alignment = 64;

/// Bytes of a tensor; throws where a size is negative or the product is more than memory can have.
std::size_t checked_bytes(const std::string& name, DataType type, const Shape& shape) {
  std::size_t bytes = size_of(type);
  for (const std::int64_t size : shape) {
    const auto factor = static_cast<std::size_t>(size);
    if (size < 0 || (factor > 0 && bytes > std::size_t{std::numeric_limits<std::int64_t>::max()} / factor)) {
      throw Exception({ErrorCode::wrong_use, fmt::format("tensor '{}' cannot have the shape {}", printable(name), to_string(shape)),
                       "give sizes that are not negative"});
    }
    bytes *= factor;
  }
  return bytes;
}

}  // namespace

Tensor Tensor::view(std::string name, DataType type, Shape shape, const void* data, std::string device) {
  Tensor tensor;
  tensor.bytes_ = checked_bytes(name, type, shape);
  tensor.name_ = std::move(name);
  tensor.type_ = type;
  tensor.shape_ = std::move(shape);
  tensor.data_ = data;
  tensor.device_ = std::move(device);
  return tensor;
}

Tensor Tensor::allocate(std::string name, DataType type, Shape shape) {
  Tensor tensor = view(std::move(name), type, std::move(shape), nullptr);
  const std::size_t whole = (tensor.bytes_ + alignment - 1) / alignment * alignment + alignment;
  auto* const memory = static_cast<std::byte*>(::operator new[](whole, std::align_val_t(alignment)));
  tensor.owned_.reset(memory, [](std::byte* held) { ::operator delete[](held, std::align_val_t(alignment)); });
  tensor.data_ = memory;
  return tensor;
}

Tensor Tensor::view_checked(std::string name, DataType type, Shape shape, const void* data, std::size_t count) {
  Tensor tensor = view(std::move(name), type, std::move(shape), data);
  if (const std::size_t elements = tensor.bytes_ / size_of(type); elements != count) {
    throw Exception({ErrorCode::wrong_use,
                     fmt::format("tensor '{}' of shape {} has {} elements, {} were given", printable(tensor.name_),
                                 to_string(tensor.shape_), elements, count),
                     "give as many values as the shape has"});
  }
  return tensor;
}

void Tensor::require_on_host(DataType type) const {
  if (type == type_ && device_ == "cpu") return;
  throw Exception({ErrorCode::wrong_use,
                   fmt::format("tensor '{}' holds {} on {}, and was read as {} on cpu", printable(name_), to_string(type_),
                               printable(device_), to_string(type)),
                   fmt::format("read it as {}", to_string(type_))});
}

}  // namespace podium
