#include "convert/quantize/operator_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "convert/quantize/weight_rules.h"
#include "onnx/attributes.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

constexpr std::array<OperatorRule, 39> rules{{
    {"Conv", Role::product},
    {"ConvTranspose", Role::product},
    {"Gemm", Role::product},
    {"MatMul", Role::product, 2},
    {"Add", Role::sum, 2},
    {"Mul", Role::sum, 2},
    {"Concat", Role::join, -1},
    {"MaxPool", Role::move},
    {"GlobalMaxPool", Role::move},
    {"Reshape", Role::move},
    {"Flatten", Role::move},
    {"Transpose", Role::move},
    {"Squeeze", Role::move},
    {"Unsqueeze", Role::move},
    {"Slice", Role::move},
    {"Split", Role::move},
    {"Gather", Role::move},
    {"Expand", Role::move},
    {"DepthToSpace", Role::move},
    {"SpaceToDepth", Role::move},
    {"Identity", Role::move},
    {"Pad", Role::move},
    {"Resize", Role::move},
    {"AveragePool", Role::pool},
    {"GlobalAveragePool", Role::pool},
    {"ReduceMean", Role::pool},
    {"Relu", Role::curve},
    {"Clip", Role::curve},
    {"LeakyRelu", Role::curve},
    {"PRelu", Role::curve},
    {"Elu", Role::curve},
    {"Sigmoid", Role::curve},
    {"HardSigmoid", Role::curve},
    {"HardSwish", Role::curve},
    {"Swish", Role::curve},
    {"Mish", Role::curve},
    {"Tanh", Role::curve},
    {"Gelu", Role::curve},
    {"Softplus", Role::curve},
}};

constexpr std::array<std::string_view, 6> without_rule{"LSTM", "GRU", "RNN", "Einsum", "Attention", "DeformConv"};

tl::unexpected<Error> because(const std::string& reason) {
  return fail(ErrorCode::unsupported, reason);
}

bool pads_with_zero(const NodeProto& node, const GraphView& view) {
  if (const auto* attribute = onnx::find_attribute(node, "value"); attribute != nullptr && attribute->f() != 0.0F) return false;
  if (node.input_size() < 3 || node.input(2).empty()) return true;
  const TensorProto* value = view.constant(node.input(2));
  if (value == nullptr || value->data_type() != TensorProto::FLOAT) return false;
  const auto numbers = onnx::floats_of(*value);
  return numbers && std::all_of(numbers->begin(), numbers->end(), [](float number) { return number == 0.0F; });
}

/// Moves that make numbers of their own in some of their modes.
Result<void> check_move(const NodeProto& node, const GraphView& view) {
  if (node.op_type() == "Resize") {
    if (onnx::text_attribute(node, "mode") == "cubic") return because("cubic interpolation passes the range of its input");
    if (onnx::text_attribute(node, "coordinate_transformation_mode") == "tf_crop_and_resize")
      return because("it fills in numbers of its own outside its input");
  }
  if (node.op_type() == "Pad" && !pads_with_zero(node, view)) return because("it pads with another number than zero");
  return {};
}

Result<Quantizable> look_at_matmul(const NodeProto& node, const OperatorRule& rule, const GraphView& view,
                                   const QuantizationProfile& profile) {
  if (view.constant(node.input(0)) != nullptr) return because("its first factor is a constant");
  if (view.constant(node.input(1)) == nullptr) {
    if (!profile.quantize_attention) return because("a product of two activations stays in float for this engine");
    return Quantizable{&rule, {node.input(0), node.input(1)}, std::nullopt};
  }
  Result<WeightUse> weight = weight_of(node, view, profile);
  if (!weight) return tl::unexpected(std::move(weight.error()));
  return Quantizable{&rule, {node.input(0)}, std::move(*weight)};
}

Result<Quantizable> look_at_product(const NodeProto& node, const OperatorRule& rule, const GraphView& view,
                                    const QuantizationProfile& profile) {
  if (node.input_size() < 2) return because("it has no weight");
  if (node.op_type() == "MatMul") return look_at_matmul(node, rule, view, profile);
  if (view.constant(node.input(0)) != nullptr) return because("its input is a constant");
  Result<WeightUse> weight = weight_of(node, view, profile);
  if (!weight) return tl::unexpected(std::move(weight.error()));
  const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
  if (profile.quantize_bias && has_bias && weight->bias.empty()) return because("its bias is not one plain stored number for each channel");
  return Quantizable{&rule, {node.input(0)}, std::move(*weight)};
}

Result<Quantizable> look_at_follower(const NodeProto& node, const OperatorRule& rule, const GraphView& view) {
  if (node.input_size() == 0) return because("it has no input");
  if (rule.role == Role::move) {
    if (auto checked = check_move(node, view); !checked) return tl::unexpected(std::move(checked.error()));
  }
  const int count = rule.activations < 0 ? node.input_size() : std::min(rule.activations, node.input_size());
  Quantizable found{&rule, {}, std::nullopt};
  for (int i = 0; i < count; ++i) {
    if (view.constant(node.input(i)) != nullptr) return because("one of its inputs is a constant");
    found.activations.push_back(node.input(i));
  }
  return found;
}

}  // namespace

const OperatorRule* find_rule(const NodeProto& node) {
  if (!onnx::is_standard(node)) return nullptr;
  const auto* const row = std::find_if(rules.begin(), rules.end(), [&](const OperatorRule& it) { return it.op_type == node.op_type(); });
  return row != rules.end() ? row : nullptr;
}

bool is_arithmetic_without_rule(const NodeProto& node) {
  return std::find(without_rule.begin(), without_rule.end(), node.op_type()) != without_rule.end();
}

Result<Quantizable> look_at(const NodeProto& node, const OperatorRule& rule, const GraphView& view, const onnx::ValueFacts& facts,
                            const QuantizationProfile& profile) {
  const auto& known = profile.operators;
  if (!known.empty() && std::find(known.begin(), known.end(), rule.op_type) == known.end())
    return because(fmt::format("the engine has no {} in int8", rule.op_type));
  Result<Quantizable> found = rule.role == Role::product ? look_at_product(node, rule, view, profile) : look_at_follower(node, rule, view);
  if (!found) return found;
  for (const std::string& value : found->activations) {
    if (facts.type(value) != TensorProto::FLOAT)
      return because(fmt::format("its input '{}' is not known to be float32", onnx::shown_name(value)));
  }
  return found;
}

}  // namespace podium::convert
