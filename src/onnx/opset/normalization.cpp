#include <numeric>

#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

/// Outputs beside the first exist in training alone; those that nothing reads go.
bool drop_other_outputs(OpsetScope& scope, NodeProto& node) {
  for (int i = 1; i < node.output_size(); ++i) {
    const std::string& output = node.output(i);
    if (output.empty()) continue;
    if (!scope.edit().consumers(output).empty() || scope.edit().is_output(output)) return false;
    scope.edit().set_output(node, i, "");
  }
  while (node.output_size() > 1) node.mutable_output()->RemoveLast();
  return true;
}

/// x as [batch, groups, all else] through InstanceNormalization, and back.
std::string normalize_groups(OpsetScope& scope, const NodeProto& node, const std::string& scale, const std::string& bias) {
  const std::int64_t groups = integer_attribute(node, "num_groups", 1);
  const std::string shape = scope.add_node(node, "Shape", {node.input(0)});
  const std::string rows = scope.add_integers(node, "rows", {3}, {0, groups, -1});
  const std::string grouped = scope.add_node(node, "Reshape", {node.input(0), rows});
  NodeProto& normal = scope.add_open_node(node, "InstanceNormalization", {grouped, scale, bias});
  set_float_attribute(normal, "epsilon", float_attribute(node, "epsilon", 1e-5F));
  return scope.add_node(node, "Reshape", {normal.output(0), shape});
}

/// A vector with one number for each channel, shaped so that it fits to [batch, channels, …].
std::string beside_channels(OpsetScope& scope, const NodeProto& node, const std::string& vector, std::size_t rank) {
  std::vector<std::int64_t> shape(rank - 1, 1);
  shape.front() = -1;
  const std::string wanted = scope.add_integers(node, "channels", {static_cast<std::int64_t>(shape.size())}, shape);
  return scope.add_node(node, "Reshape", {vector, wanted});
}

/// The axes from `axis` to the last; nothing where that takes a rank which is not known.
std::optional<std::vector<std::int64_t>> axes_from(const OpsetScope& scope, const NodeProto& node) {
  std::int64_t axis = integer_attribute(node, "axis", -1);
  if (axis >= 0) {
    const Shape* shape = scope.shape(node.input(0));
    if (shape == nullptr) return std::nullopt;
    axis -= static_cast<std::int64_t>(shape->size());
  }
  if (axis >= 0 || axis < -64) return std::nullopt;
  std::vector<std::int64_t> axes(static_cast<std::size_t>(-axis));
  std::iota(axes.begin(), axes.end(), axis);
  return axes;
}

std::string root_of_mean(OpsetScope& scope, const NodeProto& node, const std::string& mean_of_squares) {
  const float epsilon = float_attribute(node, "epsilon", 1e-5F);
  const std::string small = scope.add_floats(node, "epsilon", {}, {epsilon}, scope.type(node.input(0)));
  return scope.add_node(node, "Sqrt", {scope.add_node(node, "Add", {mean_of_squares, small})});
}

}  // namespace

Result<void> raise_batch_norm_9(OpsetScope&, NodeProto& node) {
  if (integer_attribute(node, "spatial", 1) == 0) return no_equal("it normalizes each pixel by itself (spatial = 0)");
  remove_attribute(node, "spatial");
  return {};
}

Result<void> raise_batch_norm_14(OpsetScope& scope, NodeProto& node) {
  if (!drop_other_outputs(scope, node)) return no_equal("its statistics of training are read");
  return {};
}

Result<void> raise_group_norm_21(OpsetScope& scope, NodeProto& node) {
  const Shape* shape = scope.shape(node.input(0));
  const std::int64_t groups = integer_attribute(node, "num_groups", 0);
  constexpr std::int64_t most_channels = 1 << 16;  // so that a small file cannot ask for large tensors
  if (shape == nullptr || shape->size() < 2 || (*shape)[1] <= 0 || (*shape)[1] > most_channels || groups <= 0 || (*shape)[1] % groups != 0)
    return no_equal("the number of its channels cannot be told");
  const std::int64_t each = (*shape)[1] / groups;
  for (const int input : {1, 2}) {
    const std::optional<std::vector<float>> by_group = has_input(node, input) ? scope.floats(node.input(input)) : std::nullopt;
    if (!by_group || static_cast<std::int64_t>(by_group->size()) != groups)
      return no_equal("its scale or bias is computed while the model runs");
    std::vector<float> by_channel;
    for (const float value : *by_group) by_channel.insert(by_channel.end(), static_cast<std::size_t>(each), value);
    const char* what = input == 1 ? "scale" : "bias";
    scope.edit().set_input(node, input, scope.add_floats(node, what, {groups * each}, by_channel, scope.type(node.input(0))));
  }
  return {};
}

Result<void> lower_group_norm_21(OpsetScope& scope, NodeProto& node) {
  const Shape* shape = scope.shape(node.input(0));
  const std::int64_t groups = integer_attribute(node, "num_groups", 0);
  if (shape == nullptr || shape->size() < 2) return no_equal("its input has a rank that cannot be told");
  if (groups <= 0) return no_equal("it does not say how many groups it has");
  constexpr std::int64_t most_groups = 4096;  // so that a small file cannot ask for large tensors
  if (groups > most_groups) return no_equal("it has too many groups");
  const DataType type = scope.type(node.input(0));
  const auto count = static_cast<std::size_t>(groups);
  const std::string ones = scope.add_floats(node, "ones", {groups}, std::vector<float>(count, 1), type);
  const std::string zeros = scope.add_floats(node, "zeros", {groups}, std::vector<float>(count, 0), type);
  const std::string normal = normalize_groups(scope, node, ones, zeros);
  const std::size_t rank = shape->size();
  const std::string scaled = scope.add_node(node, "Mul", {normal, beside_channels(scope, node, node.input(1), rank)});
  scope.replace_by(node, scope.add_node(node, "Add", {scaled, beside_channels(scope, node, node.input(2), rank)}));
  return {};
}

Result<void> lower_group_norm_18(OpsetScope& scope, NodeProto& node) {
  scope.replace_by(node, normalize_groups(scope, node, node.input(1), node.input(2)));
  return {};
}

Result<void> lower_layer_norm(OpsetScope& scope, NodeProto& node) {
  const std::optional<std::vector<std::int64_t>> axes = axes_from(scope, node);
  if (!axes) return no_equal("its input has a rank that cannot be told");
  if (!drop_other_outputs(scope, node)) return no_equal("its mean or deviation is read");
  NodeProto& mean = scope.add_open_node(node, "ReduceMean", {node.input(0)});
  set_integers_attribute(mean, "axes", *axes);
  const std::string centred = scope.add_node(node, "Sub", {node.input(0), mean.output(0)});
  NodeProto& variance = scope.add_open_node(node, "ReduceMean", {scope.add_node(node, "Mul", {centred, centred})});
  set_integers_attribute(variance, "axes", *axes);
  std::string result = scope.add_node(node, "Div", {centred, root_of_mean(scope, node, variance.output(0))});
  result = scope.add_node(node, "Mul", {result, node.input(1)});
  if (has_input(node, 2)) result = scope.add_node(node, "Add", {result, node.input(2)});
  scope.replace_by(node, result);
  return {};
}

Result<void> lower_rms_norm(OpsetScope& scope, NodeProto& node) {
  const std::optional<std::vector<std::int64_t>> axes = axes_from(scope, node);
  if (!axes) return no_equal("its input has a rank that cannot be told");
  const std::string square = scope.add_node(node, "Mul", {node.input(0), node.input(0)});
  const std::string along = scope.add_integers(node, "axes", {static_cast<std::int64_t>(axes->size())}, *axes);
  const std::string mean = scope.add_node(node, "ReduceMean", {square, along});
  const std::string normal = scope.add_node(node, "Div", {node.input(0), root_of_mean(scope, node, mean)});
  scope.replace_by(node, scope.add_node(node, "Mul", {normal, node.input(1)}));
  return {};
}

}  // namespace podium::onnx
