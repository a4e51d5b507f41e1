#include "onnx/opset/scope.h"

#include <fmt/format.h>

#include "onnx/attributes.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_data.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

namespace {

/// Parameters of operators are small; a hostile model may give a thousand nodes the same huge tensor.
bool is_small(const TensorProto& tensor) {
  constexpr std::int64_t most = 1 << 16;
  return element_count(tensor).value_or(most + 1) <= most;
}

}  // namespace

OpsetScope::OpsetScope(::onnx::GraphProto& graph, const OpsetScope* outer, std::unordered_set<std::string>& names)
    : edit_(graph), outer_(outer), facts_(graph), names_(names) {}

const TensorProto* OpsetScope::tensor(const std::string& value) const {
  if (const TensorProto* stored = edit_.initializer(value)) return stored;
  const NodeProto* maker = edit_.producer(value);
  if (maker != nullptr && maker->op_type() == "Constant" && is_standard(*maker)) {
    const ::onnx::AttributeProto* attribute = find_attribute(*maker, "value");
    return attribute != nullptr ? &attribute->t() : nullptr;
  }
  const bool is_here = maker != nullptr || edit_.is_input(value);
  return is_here || outer_ == nullptr ? nullptr : outer_->tensor(value);
}

const NodeProto* OpsetScope::constant(const std::string& value) const {
  const NodeProto* maker = edit_.producer(value);
  if (maker != nullptr) return maker->op_type() == "Constant" && is_standard(*maker) ? maker : nullptr;
  return edit_.is_input(value) || outer_ == nullptr ? nullptr : outer_->constant(value);
}

std::optional<std::vector<std::int64_t>> OpsetScope::integers(const std::string& value) const {
  if (const TensorProto* stored = tensor(value)) {
    if (!is_small(*stored)) return std::nullopt;
    Result<std::vector<std::int64_t>> values = integers_of(*stored);
    return values ? std::optional(std::move(*values)) : std::nullopt;
  }
  const NodeProto* maker = constant(value);
  if (maker == nullptr) return std::nullopt;
  if (const ::onnx::AttributeProto* one = find_attribute(*maker, "value_int")) return std::vector<std::int64_t>{one->i()};
  if (find_attribute(*maker, "value_ints") != nullptr) return integers_attribute(*maker, "value_ints");
  return std::nullopt;
}

std::optional<std::vector<float>> OpsetScope::floats(const std::string& value) const {
  if (const TensorProto* stored = tensor(value)) {
    if (!is_small(*stored)) return std::nullopt;
    Result<std::vector<float>> values = floats_of(*stored);
    return values ? std::optional(std::move(*values)) : std::nullopt;
  }
  const NodeProto* maker = constant(value);
  if (maker == nullptr) return std::nullopt;
  if (const ::onnx::AttributeProto* one = find_attribute(*maker, "value_float")) return std::vector<float>{one->f()};
  const ::onnx::AttributeProto* several = find_attribute(*maker, "value_floats");
  return several != nullptr ? std::optional(std::vector<float>(several->floats().begin(), several->floats().end())) : std::nullopt;
}

const Shape* OpsetScope::shape(const std::string& value) const {
  const Shape* known = facts_.shape(value);
  return known != nullptr || outer_ == nullptr ? known : outer_->shape(value);
}

DataType OpsetScope::type(const std::string& value) const {
  const std::optional<ElementType> known = element_type(facts_.type(value));
  if (known && known->data_type) return *known->data_type;
  return outer_ == nullptr ? DataType::float32 : outer_->type(value);
}

std::string OpsetScope::unique_name(const NodeProto& node, std::string_view what) {
  const std::string& owner = !node.name().empty() || node.output_size() == 0 ? node.name() : node.output(0);
  const std::string wanted = fmt::format("{}/{}", owner, what);
  std::string name = wanted;
  while (!names_.insert(name).second) name = fmt::format("{}_{}", wanted, ++numbers_[wanted]);
  return name;
}

std::string OpsetScope::add_integers(const NodeProto& node, std::string_view what, const Shape& shape,
                                     const std::vector<std::int64_t>& values) {
  return edit_.add_initializer(integer_tensor(unique_name(node, what), shape, values, DataType::int64)).name();
}

std::string OpsetScope::add_floats(const NodeProto& node, std::string_view what, const Shape& shape, const std::vector<float>& values,
                                   DataType type) {
  return edit_.add_initializer(float_tensor(unique_name(node, what), shape, values, type)).name();
}

NodeProto& OpsetScope::add_open_node(const NodeProto& beside, std::string_view type, const std::vector<std::string>& inputs) {
  const std::string name = unique_name(beside, type);
  return edit_.add_node(type, inputs, {name}, name);
}

std::string OpsetScope::add_node(const NodeProto& beside, std::string_view type, const std::vector<std::string>& inputs) {
  return add_open_node(beside, type, inputs).output(0);
}

void OpsetScope::replace_by(NodeProto& node, const std::string& value) {
  NodeProto* maker = edit_.producer(value);
  const std::string output = node.output(0);
  edit_.remove(node);
  edit_.set_output(*maker, 0, output);
}

bool has_input(const NodeProto& node, int index) {
  return index < node.input_size() && !node.input(index).empty();
}

void clear_input(OpsetScope& scope, NodeProto& node, int index) {
  if (index >= node.input_size()) return;
  scope.edit().set_input(node, index, "");
  while (node.input_size() > 0 && node.input(node.input_size() - 1).empty()) node.mutable_input()->RemoveLast();
}

}  // namespace podium::onnx
