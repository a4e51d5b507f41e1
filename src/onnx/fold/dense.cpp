#include "onnx/fold/dense.h"

#include <algorithm>
#include <cstring>

#include "core/numbers.h"
#include "onnx/shape_table.h"
#include "onnx/tensor_data.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

template <typename Stored, typename Value>
std::vector<Value> load(const std::string& bytes) {
  std::vector<Value> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored{};
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<Value>(stored);
  }
  return values;
}

template <typename Value>
std::vector<Value> load_as(const Dense& dense) {
  switch (dense.type) {
    case DataType::float64:
      return load<double, Value>(dense.bytes);
    case DataType::int8:
      return load<std::int8_t, Value>(dense.bytes);
    case DataType::uint8:
    case DataType::boolean:
      return load<std::uint8_t, Value>(dense.bytes);
    case DataType::int16:
      return load<std::int16_t, Value>(dense.bytes);
    case DataType::uint16:
      return load<std::uint16_t, Value>(dense.bytes);
    case DataType::int32:
      return load<std::int32_t, Value>(dense.bytes);
    case DataType::uint32:
      return load<std::uint32_t, Value>(dense.bytes);
    case DataType::int64:
      return load<std::int64_t, Value>(dense.bytes);
    case DataType::uint64:
      return load<std::uint64_t, Value>(dense.bytes);
    case DataType::float32:
    case DataType::float16:
    case DataType::bfloat16:
      break;
  }
  const std::vector<float> floats =
      to_floats(reinterpret_cast<const std::byte*>(dense.bytes.data()), dense.type, static_cast<std::size_t>(dense.count()));
  std::vector<Value> values(floats.size());
  std::transform(floats.begin(), floats.end(), values.begin(), [](float value) { return static_cast<Value>(value); });
  return values;
}

/// Elements that stand in protobuf's typed fields, as raw bytes.
std::optional<std::string> typed_bytes(const ::onnx::TensorProto& tensor, DataType type) {
  const Shape shape = shape_of(tensor);
  if (type == DataType::float64) {
    return std::string(reinterpret_cast<const char*>(tensor.double_data().data()),
                       static_cast<std::size_t>(tensor.double_data_size()) * sizeof(double));
  }
  if (is_float(tensor)) {
    const Result<std::vector<float>> values = floats_of(tensor);
    if (!values) return std::nullopt;
    return std::move(*float_tensor("", shape, *values, type).mutable_raw_data());
  }
  const Result<std::vector<std::int64_t>> values = integers_of(tensor);
  if (!values) return std::nullopt;
  return std::move(*integer_tensor("", shape, *values, type).mutable_raw_data());
}

}  // namespace

std::int64_t Dense::count() const noexcept {
  return static_cast<std::int64_t>(bytes.size() / size_of(type));
}

bool Dense::is_floating() const noexcept {
  return type == DataType::float32 || type == DataType::float64 || type == DataType::float16 || type == DataType::bfloat16;
}

std::optional<Dense> to_dense(const ::onnx::TensorProto& tensor) {
  const std::optional<ElementType> element = element_type(tensor.data_type());
  if (!element || !element->data_type || tensor.data_location() == ::onnx::TensorProto::EXTERNAL) return std::nullopt;
  Dense dense{*element->data_type, shape_of(tensor), {}};
  if (tensor.has_raw_data()) {
    dense.bytes = tensor.raw_data();
  } else {
    std::optional<std::string> bytes = typed_bytes(tensor, dense.type);
    if (!bytes) return std::nullopt;
    dense.bytes = std::move(*bytes);
  }
  const std::optional<std::int64_t> count = checked_product(dense.shape);
  const bool fits = count && *count >= 0 && dense.bytes.size() == static_cast<std::size_t>(*count) * size_of(dense.type);
  return fits ? std::optional(std::move(dense)) : std::nullopt;
}

::onnx::TensorProto to_tensor(Dense dense, const std::string& name) {
  ::onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(element_number(dense.type));
  for (const std::int64_t size : dense.shape) tensor.add_dims(size);
  tensor.set_raw_data(std::move(dense.bytes));
  return tensor;
}

std::vector<double> reals_of(const Dense& dense) {
  return load_as<double>(dense);
}

std::vector<std::int64_t> integers_of(const Dense& dense) {
  return load_as<std::int64_t>(dense);
}

Dense from_reals(DataType type, Shape shape, const std::vector<double>& values) {
  Dense dense{type, std::move(shape), {}};
  if (type == DataType::float64) {
    dense.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
    return dense;
  }
  std::vector<float> floats(values.size());
  std::transform(values.begin(), values.end(), floats.begin(), [](double value) { return static_cast<float>(value); });
  dense.bytes = std::move(*float_tensor("", dense.shape, floats, type).mutable_raw_data());
  return dense;
}

Dense from_integers(DataType type, Shape shape, const std::vector<std::int64_t>& values) {
  Dense dense{type, std::move(shape), {}};
  dense.bytes = std::move(*integer_tensor("", dense.shape, values, type).mutable_raw_data());
  return dense;
}

std::string copy_strided(std::string_view bytes, std::size_t width, const Shape& shape, const std::vector<std::int64_t>& strides,
                         std::int64_t offset) {
  const auto count = static_cast<std::size_t>(checked_product(shape).value_or(0));
  std::string copy(count * width, '\0');
  Shape at(shape.size(), 0);
  std::int64_t source = offset;
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(copy.data() + i * width, bytes.data() + static_cast<std::size_t>(source) * width, width);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += strides[axis];
      if (++at[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return copy;
}

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    // Beside an axis of size 0 the product may pass 64 bits; no element is there to be reached by it.
    if (__builtin_mul_overflow(strides[i], shape[i], &strides[i - 1])) strides[i - 1] = 0;
  }
  return strides;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() < b.size() ? b : a;
  const Shape& shorter = a.size() < b.size() ? a : b;
  Shape shape = longer;
  const std::size_t lead = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& size = shape[lead + i];
    if (size != shorter[i] && size != 1 && shorter[i] != 1) return std::nullopt;
    size = size == 1 ? shorter[i] : size;
  }
  return shape;
}

std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
  const std::vector<std::int64_t> own = strides_of(from);
  std::vector<std::int64_t> strides(to.size(), 0);
  const std::size_t lead = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) strides[lead + i] = from[i] == 1 ? 0 : own[i];
  return strides;
}

}  // namespace podium::onnx
