#include <algorithm>
#include <string_view>

#include "onnx/attributes.h"
#include "onnx/fold/passes.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

bool is_read(const GraphEdit& edit, const std::string& value) {
  return !value.empty() && (edit.is_output(value) || edit.count_consumers(value) > 0);
}

/// Whether a constant input holds zeros alone. `otherwise`: where the input is not given.
bool is_zero(const GraphEdit& edit, const NodeProto& node, int input, bool otherwise) {
  if (node.input_size() <= input || node.input(input).empty()) return otherwise;
  const ::onnx::TensorProto* tensor = edit.initializer(node.input(input));
  constexpr std::int64_t most = 64;
  if (tensor == nullptr || element_count(*tensor).value_or(most + 1) > most) return false;
  const Result<std::vector<std::int64_t>> values = integers_of(*tensor);
  return values && std::all_of(values->begin(), values->end(), [](std::int64_t value) { return value == 0; });
}

bool keeps_order(const NodeProto& node) {
  const std::vector<std::int64_t> order = integers_attribute(node, "perm");
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<std::int64_t>(i)) return false;
  }
  return !order.empty();
}

/// Hands its first input on as it is.
bool hands_on(const GraphEdit& edit, const ValueFacts& facts, const NodeProto& node) {
  const std::string& type = node.op_type();
  if (type == "Identity") return true;
  if (type == "Transpose") return keeps_order(node);
  if (type == "Cast") return facts.type(node.input(0)) != 0 && facts.type(node.input(0)) == integer_attribute(node, "to", 0);
  if (type == "Concat" || type == "Sum" || type == "Mean" || type == "Max" || type == "Min") return node.input_size() == 1;
  if (type == "Pad") return node.input_size() > 1 && is_zero(edit, node, 1, false);
  const bool has_mask = node.output_size() > 1 && is_read(edit, node.output(1));
  return type == "Dropout" && !has_mask && is_zero(edit, node, 2, true) && integer_attribute(node, "is_test", 1) != 0;
}

/// Whether the node could be taken out.
bool bypass(GraphEdit& edit, NodeProto& node) {
  const std::string input = node.input(0);
  const std::string output = node.output(0);
  if (!edit.is_output(output)) {
    if (edit.is_captured(output)) return false;
    edit.replace_uses(output, input);
    edit.remove(node);
    return true;
  }
  // The name of the graph's output must stay, so the maker of the input takes it.
  NodeProto* maker = edit.producer(input);
  if (maker == nullptr || edit.is_output(input) || edit.is_captured(input)) return false;
  const auto place = std::find(maker->output().begin(), maker->output().end(), input) - maker->output().begin();
  edit.remove(node);
  edit.set_output(*maker, static_cast<int>(place), output);
  edit.replace_uses(input, output);
  return true;
}

}  // namespace

std::int64_t bypass_nodes(GraphEdit& edit, const ValueFacts& facts) {
  std::int64_t removed = 0;
  for (NodeProto* node : edit.nodes()) {
    const bool is_whole = is_standard(*node) && node->input_size() > 0 && node->output_size() > 0 && !node->input(0).empty();
    if (is_whole && node->input(0) != node->output(0) && hands_on(edit, facts, *node) && bypass(edit, *node)) ++removed;
  }
  return removed;
}

}  // namespace podium::onnx
