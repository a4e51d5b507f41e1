#include "onnx/fold/evaluate.h"

#include "onnx/attributes.h"
#include "onnx/shape_rules.h"

namespace podium::onnx {

std::vector<std::int64_t> FoldNode::integers(const char* attribute, std::size_t index) const {
  const Dense* given = input(index);
  return given != nullptr && !given->is_floating() ? integers_of(*given) : integers_attribute(node, attribute);
}

std::optional<Shape> FoldNode::output_shape(int output) const {
  ShapeTable table;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    Known known{inputs[i]->shape, std::nullopt};
    const bool is_small = inputs[i]->count() <= ShapeTable::most_integers && !inputs[i]->is_floating();
    if (is_small) known.integers = integers_of(*inputs[i]);
    table.set(node.input(static_cast<int>(i)), std::move(known));
  }
  std::optional<Known> known = infer(Operator(node, table), output);
  if (!known || inputs.empty() || inputs[0] == nullptr) return std::nullopt;
  for (const std::int64_t size : known->shape) {
    if (size < 0) return std::nullopt;
  }
  return fits(known->shape, inputs[0]->type) ? std::optional(std::move(known->shape)) : std::nullopt;
}

bool FoldNode::fits(const Shape& shape, DataType type) const {
  const std::optional<std::int64_t> count = checked_product(shape);
  return count && *count >= 0 && *count <= most_bytes / static_cast<std::int64_t>(size_of(type));
}

Evaluated evaluate(const FoldNode& node) {
  const Evaluator mover = find_mover(node.node.op_type());
  const Evaluator evaluator = mover != nullptr ? mover : find_calculation(node.node.op_type());
  return evaluator != nullptr ? evaluator(node) : std::nullopt;
}

}  // namespace podium::onnx
