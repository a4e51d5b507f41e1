#include <numeric>

#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"

/// Softmax, LogSoftmax and Hardmax up to version 12 flatten their input to a matrix at `axis` (by default 1) and work along its rows; from
/// 13 on they work along `axis` (by default the last) alone.
namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

struct Axis {
  std::int64_t given = 0;
  std::optional<std::int64_t> from_front;  ///< where the rank is known
  bool is_same_in_both = false;            ///< nothing but axes of size 1 follows
};

Axis read_axis(const OpsetScope& scope, const NodeProto& node, std::int64_t otherwise) {
  Axis axis{integer_attribute(node, "axis", otherwise), std::nullopt, false};
  axis.is_same_in_both = axis.given == -1;
  const Shape* shape = node.input_size() > 0 ? scope.shape(node.input(0)) : nullptr;
  if (shape == nullptr) return axis;
  const auto rank = static_cast<std::int64_t>(shape->size());
  const std::int64_t at = axis.given < 0 ? axis.given + rank : axis.given;
  if (at < 0 || at >= rank) return axis;
  axis.from_front = at;
  axis.is_same_in_both = true;
  for (std::int64_t i = at + 1; i < rank; ++i) axis.is_same_in_both = axis.is_same_in_both && (*shape)[static_cast<std::size_t>(i)] == 1;
  return axis;
}

}  // namespace

Result<void> raise_softmax(OpsetScope& scope, NodeProto& node) {
  const Axis axis = read_axis(scope, node, 1);
  if (axis.is_same_in_both) {
    set_integer_attribute(node, "axis", axis.given);
    return {};
  }
  const std::string shape = scope.add_node(node, "Shape", {node.input(0)});
  NodeProto& matrix = scope.add_open_node(node, "Flatten", {node.input(0)});
  set_integer_attribute(matrix, "axis", axis.given);
  NodeProto& along_rows = scope.add_open_node(node, node.op_type(), {matrix.output(0)});
  set_integer_attribute(along_rows, "axis", 1);
  scope.replace_by(node, scope.add_node(node, "Reshape", {along_rows.output(0), shape}));
  return {};
}

Result<void> lower_softmax(OpsetScope& scope, NodeProto& node) {
  const Axis axis = read_axis(scope, node, -1);
  if (axis.is_same_in_both) {
    set_integer_attribute(node, "axis", axis.given);
    return {};
  }
  if (!axis.from_front) return no_equal("its input has a rank that cannot be told");
  std::vector<std::int64_t> order(scope.shape(node.input(0))->size());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(*axis.from_front)], order.back());  // its own inverse
  NodeProto& there = scope.add_open_node(node, "Transpose", {node.input(0)});
  set_integers_attribute(there, "perm", order);
  NodeProto& along_last = scope.add_open_node(node, node.op_type(), {there.output(0)});
  set_integer_attribute(along_last, "axis", -1);
  NodeProto& back = scope.add_open_node(node, "Transpose", {along_last.output(0)});
  set_integers_attribute(back, "perm", order);
  scope.replace_by(node, back.output(0));
  return {};
}

}  // namespace podium::onnx
