#include "onnx/propagate.h"

#include "onnx/attributes.h"
#include "onnx/shape_rules.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

ShapeTable propagate(const ::onnx::GraphProto& graph, const ReadDeclared& read) {
  ShapeTable table;
  const auto declare = [&](const auto& values, bool is_input) {
    for (const auto& value : values) {
      if (std::optional<Known> known = read(value, is_input)) table.set(value.name(), std::move(*known));
    }
  };
  declare(graph.value_info(), false);
  declare(graph.output(), false);
  declare(graph.input(), true);
  for (const auto& tensor : graph.initializer()) table.set(tensor.name(), {shape_of(tensor), small_integers(tensor)});
  // What a rule finds replaces what the model declares: it knows the numbers too.
  for (const ::onnx::NodeProto& node : graph.node()) {
    for (int i = 0; i < node.output_size(); ++i) {
      if (std::optional<Known> known = infer(Operator(node, table), i)) table.set(node.output(i), std::move(*known));
    }
  }
  return table;
}

}  // namespace podium::onnx
