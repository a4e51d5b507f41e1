#include "onnx/flops.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "onnx/attributes.h"
#include "onnx/graph_walk.h"
#include "onnx/propagate.h"

namespace podium::onnx {

namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;

enum class Arithmetic { convolution, gemm, matmul };

struct Counted {
  std::string_view op_type;
  Arithmetic arithmetic;
  int weight_input;
};

constexpr Counted counted_operators[] = {
    {"Conv", Arithmetic::convolution, 1},        {"ConvInteger", Arithmetic::convolution, 1},
    {"QLinearConv", Arithmetic::convolution, 3}, {"Gemm", Arithmetic::gemm, 1},
    {"MatMul", Arithmetic::matmul, 1},           {"MatMulInteger", Arithmetic::matmul, 1},
    {"QLinearMatMul", Arithmetic::matmul, 3},
};

const Counted* find_counted(const NodeProto& node) {
  const auto* found = std::find_if(std::begin(counted_operators), std::end(counted_operators),
                                   [&node](const Counted& counted) { return counted.op_type == node.op_type(); });
  return found != std::end(counted_operators) ? found : nullptr;
}

/// Counted operators inside If, Loop or a function of the model run an unknown number of times.
bool hides_counted_operators(const ::onnx::ModelProto& model) {
  const auto any_counted = [](const auto& nodes) {
    return std::any_of(nodes.begin(), nodes.end(), [](const NodeProto& node) { return find_counted(node) != nullptr; });
  };
  bool hidden =
      std::any_of(model.functions().begin(), model.functions().end(), [&](const auto& function) { return any_counted(function.node()); });
  for_each_graph(model.graph(),
                 [&](const GraphProto& graph) { hidden = hidden || (&graph != &model.graph() && any_counted(graph.node())); });
  return hidden;
}

/// The shapes a model declares, with 1 for the axis that counts inputs.
class DeclaredShapes {
 public:
  explicit DeclaredShapes(const GraphProto& graph) {
    for (const auto& input : graph.input()) {
      const auto& shape = input.type().tensor_type().shape();
      if (shape.dim_size() > 0 && !shape.dim(0).dim_param().empty()) batch_names_.insert(shape.dim(0).dim_param());
    }
  }

  /// Nothing where an axis is free. `is_input`: its first axis counts inputs even where it has no name.
  [[nodiscard]] std::optional<Known> read(const ::onnx::ValueInfoProto& value, bool is_input) const {
    if (!value.type().tensor_type().has_shape()) return std::nullopt;
    Known known;
    for (const auto& dimension : value.type().tensor_type().shape().dim()) {
      const bool is_free = !dimension.has_dim_value() || dimension.dim_value() < 0;
      const bool is_batch = batch_names_.contains(dimension.dim_param()) || (is_input && known.shape.empty());
      if (is_free && !is_batch) return std::nullopt;
      known.shape.push_back(is_free ? 1 : dimension.dim_value());
    }
    return known;
  }

 private:
  std::set<std::string> batch_names_;
};

/// Multiply-adds for each element of the output.
std::optional<std::int64_t> depth_of(const Operator& op, const Counted& counted) {
  const Known* data = op.input(0);
  const Known* weight = op.input(counted.weight_input);
  if (data == nullptr || weight == nullptr || data->shape.empty() || weight->shape.empty()) return std::nullopt;
  switch (counted.arithmetic) {
    case Arithmetic::convolution:  // channels of the group × window
      return checked_product(Shape(weight->shape.begin() + 1, weight->shape.end()));
    case Arithmetic::gemm:
      return data->shape.size() == 2 ? std::optional(data->shape[op.integer("transA", 0) != 0 ? 0 : 1]) : std::nullopt;
    case Arithmetic::matmul:
      return data->shape.back();
  }
  return std::nullopt;
}

/// 1, or the batch that the model was exported with: the same first axis of all inputs and outputs.
std::int64_t fixed_batch(const GraphProto& graph) {
  std::set<std::string_view> initializers;
  for (const auto& tensor : graph.initializer()) initializers.insert(tensor.name());
  std::set<std::int64_t> sizes;
  const auto add_first_axis = [&sizes](const ::onnx::ValueInfoProto& value) {
    const auto& shape = value.type().tensor_type().shape();
    sizes.insert(shape.dim_size() > 0 ? shape.dim(0).dim_value() : 1);
  };
  for (const auto& input : graph.input()) {
    if (!initializers.contains(input.name())) add_first_axis(input);
  }
  for (const auto& output : graph.output()) add_first_axis(output);
  return sizes.size() == 1 && *sizes.begin() > 0 ? *sizes.begin() : 1;
}

}  // namespace

std::optional<std::int64_t> count_flops(const ::onnx::ModelProto& model) {
  if (hides_counted_operators(model)) return std::nullopt;
  const DeclaredShapes declared(model.graph());
  const ShapeTable table =
      propagate(model.graph(), [&declared](const auto& value, bool is_input) { return declared.read(value, is_input); });
  std::int64_t total = 0;
  for (const NodeProto& node : model.graph().node()) {
    const Counted* counted = find_counted(node);
    if (counted == nullptr) continue;
    const Known* output = node.output_size() > 0 ? table.find(node.output(0)) : nullptr;
    const std::optional<std::int64_t> elements = output != nullptr ? checked_product(output->shape) : std::nullopt;
    const std::optional<std::int64_t> depth = depth_of(Operator(node, table), *counted);
    std::int64_t operations = 0;
    const bool known = elements && depth && !__builtin_mul_overflow(*elements, *depth, &operations) &&
                       !__builtin_mul_overflow(operations, 2, &operations) && !__builtin_add_overflow(total, operations, &total);
    if (!known) return std::nullopt;
  }
  return total > 0 ? std::optional(total / fixed_batch(model.graph())) : std::nullopt;
}

}  // namespace podium::onnx
