#include <algorithm>
#include <limits>

#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;
using Integers = std::vector<std::int64_t>;

/// Sizes of the parts of an axis cut into as many as the node has outputs, the last the smallest; nothing where they are equal anyway, or
/// the axis is free.
std::optional<Integers> unequal_parts(const OpsetScope& scope, const NodeProto& node) {
  const Shape* shape = scope.shape(node.input(0));
  if (shape == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(shape->size());
  const std::int64_t axis = integer_attribute(node, "axis", 0);
  const std::int64_t at = axis < 0 ? axis + rank : axis;
  const std::int64_t outputs = node.output_size();
  if (at < 0 || at >= rank || outputs == 0) return std::nullopt;
  const std::int64_t size = (*shape)[static_cast<std::size_t>(at)];
  if (size < 0 || size % outputs == 0) return std::nullopt;
  const std::int64_t part = (size + outputs - 1) / outputs;
  Integers parts;
  for (std::int64_t i = 0; i < outputs; ++i) parts.push_back(std::clamp<std::int64_t>(size - part * i, 0, part));
  return parts;
}

::onnx::TensorProto float_value(const ::onnx::AttributeProto& attribute) {
  if (attribute.name() == "value_float") return float_tensor("", {}, std::vector<float>{attribute.f()});
  const std::vector<float> values(attribute.floats().begin(), attribute.floats().end());
  return float_tensor("", {attribute.floats_size()}, values);
}

::onnx::TensorProto integer_value(const ::onnx::AttributeProto& attribute) {
  if (attribute.name() == "value_int") return integer_tensor("", {}, Integers{attribute.i()}, DataType::int64);
  const Integers values(attribute.ints().begin(), attribute.ints().end());
  return integer_tensor("", {attribute.ints_size()}, values, DataType::int64);
}

}  // namespace

Result<void> raise_split_18(OpsetScope&, NodeProto& node) {
  if (!has_input(node, 1)) set_integer_attribute(node, "num_outputs", node.output_size());
  return {};
}

Result<void> lower_split_18(OpsetScope& scope, NodeProto& node) {
  if (find_attribute(node, "num_outputs") == nullptr) return {};
  remove_attribute(node, "num_outputs");
  if (const std::optional<Integers> parts = unequal_parts(scope, node))
    scope.edit().set_input(node, 1, scope.add_integers(node, "split", {node.output_size()}, *parts));
  return {};
}

Result<void> lower_pad_18(OpsetScope& scope, NodeProto& node) {
  constexpr int axes_input = 3;
  if (!has_input(node, axes_input)) return {};
  const Shape* shape = scope.shape(node.input(0));
  const std::optional<Integers> axes = scope.integers(node.input(axes_input));
  const std::optional<Integers> pads = scope.integers(node.input(1));
  if (shape == nullptr) return no_equal("it names axes of an input whose rank cannot be told");
  if (!axes || !pads || pads->size() != 2 * axes->size()) return no_equal("it names axes, and its pads are computed while the model runs");
  const auto rank = static_cast<std::int64_t>(shape->size());
  Integers all(2 * shape->size(), 0);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t at = (*axes)[i] < 0 ? (*axes)[i] + rank : (*axes)[i];
    if (at < 0 || at >= rank) return no_equal("it names an axis that its input does not have");
    all[static_cast<std::size_t>(at)] = (*pads)[i];
    all[static_cast<std::size_t>(at + rank)] = (*pads)[i + axes->size()];
  }
  scope.edit().set_input(node, 1, scope.add_integers(node, "pads", {2 * rank}, all));
  clear_input(scope, node, axes_input);
  return {};
}

Result<void> lower_reshape_14(OpsetScope& scope, NodeProto& node) {
  if (integer_attribute(node, "allowzero", 0) != 0) {
    const std::optional<Integers> shape = has_input(node, 1) ? scope.integers(node.input(1)) : std::nullopt;
    const bool has_no_zero = shape && std::find(shape->begin(), shape->end(), 0) == shape->end();
    if (!has_no_zero) return no_equal("a zero in its shape means an empty axis (allowzero = 1)");
  }
  remove_attribute(node, "allowzero");
  return {};
}

Result<void> lower_shape_15(OpsetScope& scope, NodeProto& node) {
  const std::int64_t start = integer_attribute(node, "start", 0);
  const std::int64_t end = integer_attribute(node, "end", std::numeric_limits<std::int64_t>::max());
  const bool is_all = start == 0 && find_attribute(node, "end") == nullptr;
  remove_attribute(node, "start");
  remove_attribute(node, "end");
  if (is_all) return {};
  const std::string all = scope.add_node(node, "Shape", {node.input(0)});
  const std::string from = scope.add_integers(node, "start", {1}, {start});
  const std::string to = scope.add_integers(node, "end", {1}, {end});
  scope.replace_by(node, scope.add_node(node, "Slice", {all, from, to}));
  return {};
}

Result<void> lower_reduction(OpsetScope& scope, NodeProto& node) {
  const bool does_nothing_without_axes = integer_attribute(node, "noop_with_empty_axes", 0) != 0;
  remove_attribute(node, "noop_with_empty_axes");
  if (!does_nothing_without_axes) return {};
  if (has_input(node, 1)) {
    const std::optional<Integers> axes = scope.integers(node.input(1));
    if (!axes) return no_equal("its axes are computed while the model runs");
    if (!axes->empty()) return {};
  }
  const std::string& type = node.op_type();
  const bool is_identity =
      type == "ReduceSum" || type == "ReduceMean" || type == "ReduceMax" || type == "ReduceMin" || type == "ReduceProd";
  if (!is_identity) return no_equal("it reduces along no axis (noop_with_empty_axes = 1)");
  clear_input(scope, node, 1);
  node.set_op_type("Identity");
  node.clear_attribute();
  return {};
}

Result<void> lower_constant_12(OpsetScope&, NodeProto& node) {
  if (node.attribute_size() != 1) return no_equal("it does not hold one value");
  const ::onnx::AttributeProto given = node.attribute(0);
  if (given.name() == "value") return {};
  const bool is_float = given.name() == "value_float" || given.name() == "value_floats";
  const bool is_integer = given.name() == "value_int" || given.name() == "value_ints";
  if (!is_float && !is_integer) return no_equal("it holds neither a tensor nor numbers");
  node.clear_attribute();
  ::onnx::AttributeProto& value = *node.add_attribute();
  value.set_name("value");
  value.set_type(::onnx::AttributeProto::TENSOR);
  *value.mutable_t() = is_float ? float_value(given) : integer_value(given);
  return {};
}

}  // namespace podium::onnx
