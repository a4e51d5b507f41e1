#include "onnx/attributes.h"

#include <cstring>

#include "onnx/shape_table.h"
#include "onnx/tensor_check.h"

namespace podium::onnx {

namespace {

using ::onnx::TensorProto;

/// Numbers of raw_data, which is little-endian like every machine Podium runs on.
template <typename T>
std::vector<std::int64_t> raw_integers(const std::string& raw, std::size_t count) {
  std::vector<std::int64_t> integers(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value = 0;
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    integers[i] = value;
  }
  return integers;
}

/// The attribute of that name without a value, made where it is not there.
::onnx::AttributeProto& fresh_attribute(::onnx::NodeProto& node, std::string_view name, ::onnx::AttributeProto::AttributeType type) {
  remove_attribute(node, name);
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(type);
  return attribute;
}

}  // namespace

const ::onnx::AttributeProto* find_attribute(const ::onnx::NodeProto& node, std::string_view name) noexcept {
  for (const ::onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::int64_t integer_attribute(const ::onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
  const ::onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute != nullptr ? attribute->i() : otherwise;
}

std::vector<std::int64_t> integers_attribute(const ::onnx::NodeProto& node, std::string_view name) {
  const ::onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute != nullptr ? std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end()) : std::vector<std::int64_t>();
}

std::string text_attribute(const ::onnx::NodeProto& node, std::string_view name) {
  const ::onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute != nullptr ? attribute->s() : std::string();
}

float float_attribute(const ::onnx::NodeProto& node, std::string_view name, float otherwise) {
  const ::onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute != nullptr ? attribute->f() : otherwise;
}

void set_integer_attribute(::onnx::NodeProto& node, std::string_view name, std::int64_t value) {
  fresh_attribute(node, name, ::onnx::AttributeProto::INT).set_i(value);
}

void set_integers_attribute(::onnx::NodeProto& node, std::string_view name, const std::vector<std::int64_t>& values) {
  fresh_attribute(node, name, ::onnx::AttributeProto::INTS).mutable_ints()->Add(values.begin(), values.end());
}

void set_float_attribute(::onnx::NodeProto& node, std::string_view name, float value) {
  fresh_attribute(node, name, ::onnx::AttributeProto::FLOAT).set_f(value);
}

void set_floats_attribute(::onnx::NodeProto& node, std::string_view name, const std::vector<float>& values) {
  fresh_attribute(node, name, ::onnx::AttributeProto::FLOATS).mutable_floats()->Add(values.begin(), values.end());
}

void set_text_attribute(::onnx::NodeProto& node, std::string_view name, const std::string& value) {
  fresh_attribute(node, name, ::onnx::AttributeProto::STRING).set_s(value);
}

void remove_attribute(::onnx::NodeProto& node, std::string_view name) {
  for (int i = node.attribute_size(); i-- > 0;) {
    if (node.attribute(i).name() == name) node.mutable_attribute()->DeleteSubrange(i, 1);
  }
}

bool is_standard(const ::onnx::NodeProto& node) noexcept {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

std::optional<std::vector<std::int64_t>> small_integers(const TensorProto& tensor) {
  const std::optional<std::int64_t> elements = element_count(tensor);
  const bool is_int64 = tensor.data_type() == TensorProto::INT64;
  const bool is_int32 = tensor.data_type() == TensorProto::INT32;
  if (!elements || *elements > ShapeTable::most_integers || tensor.data_location() == TensorProto::EXTERNAL || !(is_int64 || is_int32))
    return std::nullopt;
  const auto count = static_cast<std::size_t>(*elements);
  if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != count * (is_int64 ? 8 : 4)) return std::nullopt;
    return is_int64 ? raw_integers<std::int64_t>(tensor.raw_data(), count) : raw_integers<std::int32_t>(tensor.raw_data(), count);
  }
  if (is_int64) return std::vector<std::int64_t>(tensor.int64_data().begin(), tensor.int64_data().end());
  return std::vector<std::int64_t>(tensor.int32_data().begin(), tensor.int32_data().end());
}

}  // namespace podium::onnx
