#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "onnx-ml.pb.h"
#include "onnx/fold/dense.h"
#include "onnx/shape_table.h"

namespace podium::onnx {

/// A node whose inputs are all known.
struct FoldNode {
  const ::onnx::NodeProto& node;
  std::int64_t opset = 1;
  std::vector<const Dense*> inputs;  ///< null where one is not given
  std::int64_t most_bytes = 0;       ///< that the results may take

  [[nodiscard]] const Dense* input(std::size_t index) const { return index < inputs.size() ? inputs[index] : nullptr; }
  /// Numbers from an attribute or, in newer operator sets, from an input; empty where neither is given.
  [[nodiscard]] std::vector<std::int64_t> integers(const char* attribute, std::size_t index) const;
  /// The shape of an output by the rules of shape_rules.h; nothing where they do not tell, or it would take too much memory.
  [[nodiscard]] std::optional<Shape> output_shape(int output = 0) const;
  [[nodiscard]] bool fits(const Shape& shape, DataType type) const;
};

/// One for each output that the node names; nothing where the operator is not known, or is given what it must not be.
using Evaluated = std::optional<std::vector<Dense>>;

[[nodiscard]] Evaluated evaluate(const FoldNode& node);

/// Operators that move elements around, by name; null for others.
using Evaluator = Evaluated (*)(const FoldNode& node);
[[nodiscard]] Evaluator find_mover(std::string_view op_type);
/// Operators that calculate, element by element or along axes.
[[nodiscard]] Evaluator find_calculation(std::string_view op_type);

}  // namespace podium::onnx
