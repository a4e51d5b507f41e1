#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/quantize/graph_view.h"
#include "core/quantization_profile.h"
#include "core/result.h"
#include "onnx/value_facts.h"

namespace podium::convert {

/// What an operator is to a quantizer.
enum class Role {
  product,  ///< convolutions and matrix products: always worth int8
  sum,      ///< Add and Mul of two activations
  join,     ///< Concat: its inputs and its output share one range
  move,     ///< hands numbers on as they are, or a choice of them: its output has the range of its input
  pool,     ///< averages
  curve,    ///< activation functions
};

struct OperatorRule {
  std::string_view op_type;
  Role role;
  int activations = 1;  ///< inputs from the first on that are quantized while running; -1: all
};

/// Null for an operator that stays in float.
[[nodiscard]] const OperatorRule* find_rule(const ::onnx::NodeProto& node);
/// Operators that do a model's arithmetic and have no rule: that they stay in float is worth telling.
[[nodiscard]] bool is_arithmetic_without_rule(const ::onnx::NodeProto& node);

struct WeightUse {
  std::string value;
  int axis = -1;            ///< of its channels; -1: one scale for all
  std::string bias;         ///< that can be int32; empty where there is none
  std::int64_t groups = 1;  ///< output channels are `groups` times the channels along `axis`
};

/// How one node could run in int8.
struct Quantizable {
  const OperatorRule* rule = nullptr;
  std::vector<std::string> activations;  ///< inputs that are quantized while running
  std::optional<WeightUse> weight;
};

/// An error, whose message is the reason, where the node cannot.
[[nodiscard]] Result<Quantizable> look_at(const ::onnx::NodeProto& node, const OperatorRule& rule, const GraphView& view,
                                          const onnx::ValueFacts& facts, const QuantizationProfile& profile);

}  // namespace podium::convert
