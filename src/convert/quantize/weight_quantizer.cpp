#include "convert/quantize/weight_quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "convert/quantize/stored_weight.h"
#include "onnx/attributes.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// Of a bias in units of its scale: the sum of products beside it has the other half of 32 bits.
constexpr float largest_bias = 1 << 30;

/// As many scales as a bias has elements: channels along the weight's axis come again for every group.
float scale_for(const std::vector<float>& scales, std::size_t channel) {
  return scales[channel % scales.size()];
}

}  // namespace

struct WeightQuantizer::Biases {
  const StaticPlan::Bias* plan = nullptr;
  std::vector<float> values;
  float input_scale = 1.0F;
};

WeightQuantizer::WeightQuantizer(onnx::GraphEdit& edit, const StaticPlan& plan, const QuantizationProfile& profile,
                                 const std::map<std::string, Affine>& input_scales)
    : edit_(edit),
      plan_(plan),
      input_scales_(input_scales),
      largest_(largest_weight(profile)),
      store_int8_(profile.store_int8_weights),
      nodes_(plan.nodes.begin(), plan.nodes.end()) {}

Result<std::vector<WeightQuantizer::Biases>> WeightQuantizer::biases_of(const StaticPlan::Weight& weight) const {
  std::vector<Biases> found;
  for (const StaticPlan::Bias& bias : plan_.biases) {
    if (bias.weight != weight.value) continue;
    const TensorProto* tensor = edit_.initializer(bias.value);
    const auto scale = input_scales_.find(bias.input);
    if (tensor == nullptr || scale == input_scales_.end()) {
      return fail(ErrorCode::bad_input, fmt::format("the plan names bias '{}' of input '{}', which the model or the plan lacks",
                                                    onnx::shown_name(bias.value), onnx::shown_name(bias.input)));
    }
    Result<std::vector<float>> values = finite_floats(*tensor);
    if (!values) return tl::unexpected(std::move(values.error()));
    found.push_back({&bias, std::move(*values), scale->second.scale});
  }
  return found;
}

Result<void> WeightQuantizer::quantize(const StaticPlan::Weight& weight) {
  const TensorProto* tensor = edit_.initializer(weight.value);
  if (tensor == nullptr)
    return fail(ErrorCode::bad_input, fmt::format("the plan names weight '{}', which the model lacks", onnx::shown_name(weight.value)));
  const Result<std::vector<float>> values = finite_floats(*tensor);
  if (!values) return tl::unexpected(values.error());
  Result<std::vector<Biases>> biases = biases_of(weight);
  if (!biases) return tl::unexpected(std::move(biases.error()));

  const Shape shape = onnx::shape_of(*tensor);
  const ChannelLayout layout = channel_layout(shape, weight.axis);
  std::vector<float> scales = weight_scales(*values, layout, largest_);
  const std::vector<float> narrow = scales;
  for (const Biases& bias : *biases) {
    // A bias so large beside its weights that 32 bits do not hold it: a coarser weight costs its channel less than a clipped bias.
    for (std::size_t i = 0; i < bias.values.size(); ++i) {
      float& scale = scales[i % scales.size()];
      scale = std::max(scale, std::abs(bias.values[i]) / (bias.input_scale * largest_bias));
    }
  }
  // With one scale for all it would cost the other channels too, so there the bias stays in float.
  const bool leave_biases = weight.axis < 0 && scales != narrow;
  if (leave_biases) scales = narrow;

  const std::string made = add_quantized(weight, *values, shape, scales);
  for (NodeProto* node : edit_.consumers(weight.value)) {
    if (nodes_.contains(node->name()) && node->input_size() > 1 && node->input(1) == weight.value) edit_.set_input(*node, 1, made);
  }
  if (leave_biases) return {};
  for (const Biases& bias : *biases) store_bias(bias, scales);
  return {};
}

std::string WeightQuantizer::add_quantized(const StaticPlan::Weight& weight, const std::vector<float>& values, const Shape& shape,
                                           const std::vector<float>& scales) {
  if (store_int8_) {
    const ChannelLayout layout = channel_layout(shape, weight.axis);
    return add_dequantized(edit_, weight.value, shape, quantize_weights(values, layout, scales, largest_), DataType::int8, scales,
                           weight.axis);
  }
  return add_pair(edit_, weight.value, scales, weight.axis);
}

void WeightQuantizer::store_bias(const Biases& bias, const std::vector<float>& scales) {
  std::vector<float> bias_scales(scales.size() == 1 ? 1 : bias.values.size());
  for (std::size_t i = 0; i < bias_scales.size(); ++i) bias_scales[i] = bias.input_scale * scale_for(scales, i);
  std::vector<std::int64_t> numbers(bias.values.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(bias.values[i]) / scale_for(bias_scales, i)));

  const Shape shape{static_cast<std::int64_t>(numbers.size())};
  const std::string made = add_dequantized(edit_, bias.plan->value, shape, numbers, DataType::int32, bias_scales, 0);
  for (NodeProto* node : edit_.consumers(bias.plan->value)) {
    if (node->name() == bias.plan->node) edit_.set_input(*node, 2, made);
  }
}

namespace {

Shape shape_of_scales(const std::vector<float>& scales) {
  return scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(scales.size())};
}

std::string add_zero_points(onnx::GraphEdit& edit, const std::string& value, const std::vector<float>& scales, DataType type) {
  std::string name = edit.unique_name(value + "_zero_point");
  edit.add_initializer(onnx::integer_tensor(name, shape_of_scales(scales), std::vector<std::int64_t>(scales.size(), 0), type));
  return name;
}

}  // namespace

std::string add_dequantized(onnx::GraphEdit& edit, const std::string& value, const Shape& shape, const std::vector<std::int64_t>& numbers,
                            DataType type, const std::vector<float>& scales, int axis) {
  const std::string quantized = edit.unique_name(value + "_quantized");
  const std::string scale = edit.unique_name(value + "_scale");
  std::vector<std::string> inputs{quantized, scale};
  edit.add_initializer(onnx::integer_tensor(quantized, shape, numbers, type));
  edit.add_initializer(onnx::float_tensor(scale, shape_of_scales(scales), scales));
  // That of int32 can be nothing but 0.
  if (type != DataType::int32) inputs.push_back(add_zero_points(edit, value, scales, type));
  const std::string made = edit.unique_name(value + "_dequantized");
  NodeProto& node = edit.add_node("DequantizeLinear", inputs, {made}, edit.unique_name(value + "_DequantizeLinear"));
  if (scales.size() > 1) onnx::set_integer_attribute(node, "axis", axis);
  return made;
}

std::string add_pair(onnx::GraphEdit& edit, const std::string& value, const std::vector<float>& scales, int axis) {
  const std::string scale = edit.unique_name(value + "_scale");
  edit.add_initializer(onnx::float_tensor(scale, shape_of_scales(scales), scales));
  const std::string zero_points = add_zero_points(edit, value, scales, DataType::int8);
  const std::string quantized = edit.unique_name(value + "_quantized");
  const std::string made = edit.unique_name(value + "_dequantized");
  const auto add = [&](const char* op_type, const std::string& from, const std::string& to) {
    NodeProto& node = edit.add_node(op_type, {from, scale, zero_points}, {to}, edit.unique_name(value + "_" + op_type));
    if (scales.size() > 1) onnx::set_integer_attribute(node, "axis", axis);
  };
  add("QuantizeLinear", value, quantized);
  add("DequantizeLinear", quantized, made);
  return made;
}

}  // namespace podium::convert
