#include <numbers>

#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"

/// Operators that were made of older ones, taken apart by their definitions in the operator documents.
namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

std::string number(OpsetScope& scope, const NodeProto& node, const char* what, float value) {
  return scope.add_floats(node, what, {}, {value}, scope.type(node.input(0)));
}

/// What stands in a Gelu's half of 1 + f(x): erf, or tanh as its approximation.
std::string gelu_curve(OpsetScope& scope, const NodeProto& node) {
  const std::string& x = node.input(0);
  if (text_attribute(node, "approximate") != "tanh") {
    const std::string root = number(scope, node, "root_2", std::numbers::sqrt2_v<float>);
    return scope.add_node(node, "Erf", {scope.add_node(node, "Div", {x, root})});
  }
  const std::string square = scope.add_node(node, "Mul", {x, x});
  const std::string cube = scope.add_node(node, "Mul", {square, x});
  const std::string third = scope.add_node(node, "Mul", {cube, number(scope, node, "cubic", 0.044715F)});
  const std::string sum = scope.add_node(node, "Add", {x, third});
  const float factor = std::numbers::sqrt2_v<float> * std::numbers::inv_sqrtpi_v<float>;
  return scope.add_node(node, "Tanh", {scope.add_node(node, "Mul", {sum, number(scope, node, "factor", factor)})});
}

Result<void> lower_to_not(OpsetScope& scope, NodeProto& node, const char* opposite) {
  scope.replace_by(node, scope.add_node(node, "Not", {scope.add_node(node, opposite, {node.input(0), node.input(1)})}));
  return {};
}

}  // namespace

Result<void> lower_gelu(OpsetScope& scope, NodeProto& node) {
  const std::string raised = scope.add_node(node, "Add", {gelu_curve(scope, node), number(scope, node, "one", 1)});
  const std::string half = scope.add_node(node, "Mul", {node.input(0), number(scope, node, "half", 0.5F)});
  scope.replace_by(node, scope.add_node(node, "Mul", {half, raised}));
  return {};
}

Result<void> lower_mish(OpsetScope& scope, NodeProto& node) {
  const std::string curve = scope.add_node(node, "Tanh", {scope.add_node(node, "Softplus", {node.input(0)})});
  scope.replace_by(node, scope.add_node(node, "Mul", {node.input(0), curve}));
  return {};
}

Result<void> lower_hard_swish(OpsetScope& scope, NodeProto& node) {
  NodeProto& gate = scope.add_open_node(node, "HardSigmoid", {node.input(0)});
  set_float_attribute(gate, "alpha", 1.0F / 6);
  set_float_attribute(gate, "beta", 0.5F);
  scope.replace_by(node, scope.add_node(node, "Mul", {node.input(0), gate.output(0)}));
  return {};
}

Result<void> lower_swish(OpsetScope& scope, NodeProto& node) {
  std::string steep = node.input(0);
  const float alpha = float_attribute(node, "alpha", 1);
  if (alpha != 1) steep = scope.add_node(node, "Mul", {steep, number(scope, node, "alpha", alpha)});
  scope.replace_by(node, scope.add_node(node, "Mul", {node.input(0), scope.add_node(node, "Sigmoid", {steep})}));
  return {};
}

Result<void> lower_greater_or_equal(OpsetScope& scope, NodeProto& node) {
  return lower_to_not(scope, node, "Less");  // where neither is a NaN
}

Result<void> lower_less_or_equal(OpsetScope& scope, NodeProto& node) {
  return lower_to_not(scope, node, "Greater");
}

}  // namespace podium::onnx
