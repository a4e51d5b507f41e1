#include "binding/arrays.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace podium::python {
namespace {

using Code = nb::dlpack::dtype_code;

struct ElementRow {
  DataType type;
  Code code;
  std::uint8_t bits;
};
constexpr std::array<ElementRow, 13> elements{{{DataType::float32, Code::Float, 32},
                                               {DataType::float64, Code::Float, 64},
                                               {DataType::float16, Code::Float, 16},
                                               {DataType::bfloat16, Code::Bfloat, 16},
                                               {DataType::int8, Code::Int, 8},
                                               {DataType::int16, Code::Int, 16},
                                               {DataType::int32, Code::Int, 32},
                                               {DataType::int64, Code::Int, 64},
                                               {DataType::uint8, Code::UInt, 8},
                                               {DataType::uint16, Code::UInt, 16},
                                               {DataType::uint32, Code::UInt, 32},
                                               {DataType::uint64, Code::UInt, 64},
                                               {DataType::boolean, Code::Bool, 8}}};

DataType type_of(const std::string& name, nb::dlpack::dtype dtype) {
  for (const ElementRow& row : elements) {
    if (static_cast<std::uint8_t>(row.code) == dtype.code && row.bits == dtype.bits && dtype.lanes == 1) return row.type;
  }
  throw Exception({ErrorCode::wrong_use, "input '" + name + "' is an array of elements that no model takes (complex, or of odd width)",
                   "give an array of floats, whole numbers or booleans"});
}

nb::dlpack::dtype dtype_of(DataType type) {
  for (const ElementRow& row : elements) {
    if (row.type == type) return {static_cast<std::uint8_t>(row.code), row.bits, 1};
  }
  return {};
}

std::string device_of(const std::string& name, const Array& array) {
  if (array.device_type() == nb::device::cpu::value || array.device_type() == nb::device::cuda_host::value) return "cpu";
  if (array.device_type() == nb::device::cuda::value) return "cuda:" + std::to_string(array.device_id());
  throw Exception({ErrorCode::wrong_use, "input '" + name + "' lies on a device that Podium does not know", "copy it to the CPU first"});
}

/// Where a tensor lies, as DLPack has it.
std::pair<int, int> dlpack_device(const std::string& device) {
  const auto colon = device.find(':');
  if (colon == std::string::npos) return {nb::device::cpu::value, 0};
  return {nb::device::cuda::value, std::stoi(device.substr(colon + 1))};
}

/// An array of the framework over the tensor's memory, which lives as long as the array does.
template <class Framework>
nb::object array_over(Tensor tensor, nb::dlpack::dtype dtype) {
  auto held = std::make_unique<Tensor>(std::move(tensor));
  const std::vector<std::size_t> shape(held->shape().begin(), held->shape().end());
  void* const data = held->mutable_data();
  const auto [device, index] = dlpack_device(held->device());
  const nb::capsule owner(held.release(), [](void* memory) noexcept { delete static_cast<Tensor*>(memory); });
  return nb::cast(nb::ndarray<Framework>(data, shape.size(), shape.data(), owner, nullptr, dtype, device, index),
                  nb::rv_policy::reference);
}

}  // namespace

Tensor view_of(const std::string& name, const Array& array) {
  Shape shape;
  shape.reserve(array.ndim());
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) shape.push_back(static_cast<std::int64_t>(array.shape(axis)));
  return Tensor::view(name, type_of(name, array.dtype()), std::move(shape), array.data(), device_of(name, array));
}

nb::object to_numpy(Tensor tensor) {
  const DataType type = tensor.type() == DataType::bfloat16 ? DataType::uint16 : tensor.type();
  return array_over<nb::numpy>(std::move(tensor), dtype_of(type));
}

nb::object to_torch(Tensor tensor) {
  const DataType type = tensor.type();
  return array_over<nb::pytorch>(std::move(tensor), dtype_of(type));
}

}  // namespace podium::python
