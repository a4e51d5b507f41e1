#include "onnx/tensor_data.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "core/numbers.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

using ::onnx::TensorProto;

tl::unexpected<Error> unreadable(const TensorProto& tensor, const std::string& why) {
  return fail(ErrorCode::bad_input, fmt::format("the content of tensor '{}' cannot be read: {}", shown_name(tensor.name()), why),
              "export the model again");
}

/// `count` values of type Stored from raw_data (little-endian, like every machine Podium runs on), or from a typed field, each through
/// `convert`.
template <typename To, typename Stored, typename Field, typename Convert>
Result<std::vector<To>> convert_values(const TensorProto& tensor, const Field& field, Convert convert) {
  const std::optional<std::int64_t> count = element_count(tensor);
  if (tensor.data_location() == TensorProto::EXTERNAL) return unreadable(tensor, "it lies in a file of its own");
  const std::size_t stored = tensor.has_raw_data() ? tensor.raw_data().size() / sizeof(Stored) : static_cast<std::size_t>(field.size());
  const bool is_whole = !tensor.has_raw_data() || tensor.raw_data().size() % sizeof(Stored) == 0;
  if (!count || !is_whole || stored != static_cast<std::size_t>(*count)) return unreadable(tensor, "its size does not fit its shape");
  std::vector<To> values(stored);
  for (std::size_t i = 0; i < stored; ++i) {
    Stored value{};
    if (tensor.has_raw_data()) {
      std::memcpy(&value, tensor.raw_data().data() + i * sizeof(Stored), sizeof(Stored));
    } else {
      value = static_cast<Stored>(field.Get(static_cast<int>(i)));
    }
    values[i] = convert(value);
  }
  return values;
}

template <typename Stored, typename Field>
Result<std::vector<std::int64_t>> integers_in(const TensorProto& tensor, const Field& field) {
  return convert_values<std::int64_t, Stored>(tensor, field, [](Stored value) { return static_cast<std::int64_t>(value); });
}

TensorProto empty_tensor(const std::string& name, const Shape& shape, DataType type, std::size_t count) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(element_number(type));
  for (const std::int64_t size : shape) tensor.add_dims(size);
  tensor.mutable_raw_data()->resize(count * size_of(type));
  return tensor;
}

template <typename Stored, typename Value, typename Convert>
void store(TensorProto& tensor, std::span<const Value> values, Convert convert) {
  char* raw = tensor.mutable_raw_data()->data();
  for (const Value value : values) {
    const Stored stored = convert(value);
    std::memcpy(raw, &stored, sizeof(Stored));
    raw += sizeof(Stored);
  }
}

template <typename Stored>
void store_integers(TensorProto& tensor, std::span<const std::int64_t> values) {
  store<Stored>(tensor, values, [](std::int64_t value) { return static_cast<Stored>(value); });
}

}  // namespace

Shape shape_of(const TensorProto& tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

bool is_float(const TensorProto& tensor) noexcept {
  const int type = tensor.data_type();
  return type == TensorProto::FLOAT || type == TensorProto::DOUBLE || type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
}

Result<std::vector<float>> floats_of(const TensorProto& tensor) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return convert_values<float, float>(tensor, tensor.float_data(), [](float value) { return value; });
    case TensorProto::DOUBLE:
      return convert_values<float, double>(tensor, tensor.double_data(), [](double value) { return static_cast<float>(value); });
    case TensorProto::FLOAT16:
      return convert_values<float, std::uint16_t>(tensor, tensor.int32_data(), float16_to_float);
    case TensorProto::BFLOAT16:
      return convert_values<float, std::uint16_t>(tensor, tensor.int32_data(), bfloat16_to_float);
    default:
      break;
  }
  const std::optional<ElementType> type = element_type(tensor.data_type());
  return unreadable(tensor, fmt::format("its elements are {}, not floating numbers", type ? type->name : "of an unknown type"));
}

Result<std::vector<std::int64_t>> integers_of(const TensorProto& tensor) {
  switch (tensor.data_type()) {
    case TensorProto::INT8:
      return integers_in<std::int8_t>(tensor, tensor.int32_data());
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return integers_in<std::uint8_t>(tensor, tensor.int32_data());
    case TensorProto::INT16:
      return integers_in<std::int16_t>(tensor, tensor.int32_data());
    case TensorProto::UINT16:
      return integers_in<std::uint16_t>(tensor, tensor.int32_data());
    case TensorProto::INT32:
      return integers_in<std::int32_t>(tensor, tensor.int32_data());
    case TensorProto::UINT32:
      return integers_in<std::uint32_t>(tensor, tensor.uint64_data());
    case TensorProto::INT64:
      return integers_in<std::int64_t>(tensor, tensor.int64_data());
    case TensorProto::UINT64:
      return integers_in<std::uint64_t>(tensor, tensor.uint64_data());
    default:
      break;
  }
  const std::optional<ElementType> type = element_type(tensor.data_type());
  return unreadable(tensor, fmt::format("its elements are {}, not whole numbers", type ? type->name : "of an unknown type"));
}

TensorProto float_tensor(const std::string& name, const Shape& shape, std::span<const float> values, DataType type) {
  TensorProto tensor = empty_tensor(name, shape, type, values.size());
  if (type == DataType::float16) {
    store<std::uint16_t>(tensor, values, float_to_float16);
  } else if (type == DataType::bfloat16) {
    store<std::uint16_t>(tensor, values, float_to_bfloat16);
  } else if (type == DataType::float64) {
    store<double>(tensor, values, [](float value) { return static_cast<double>(value); });
  } else {
    store<float>(tensor, values, [](float value) { return value; });
  }
  return tensor;
}

TensorProto integer_tensor(const std::string& name, const Shape& shape, std::span<const std::int64_t> values, DataType type) {
  TensorProto tensor = empty_tensor(name, shape, type, values.size());
  switch (size_of(type)) {
    case 1:
      store_integers<std::uint8_t>(tensor, values);  // of two's complement, so the same bits as int8
      break;
    case 2:
      store_integers<std::uint16_t>(tensor, values);
      break;
    case 4:
      store_integers<std::uint32_t>(tensor, values);
      break;
    default:
      store_integers<std::uint64_t>(tensor, values);
  }
  return tensor;
}

}  // namespace podium::onnx
