#include "onnx/opset/rules.h"

#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

Result<void> refuse_scan(OpsetScope&, NodeProto&) {
  return no_equal("its inputs had another meaning then");
}

Result<void> raise_scatter_11(OpsetScope&, NodeProto& node) {
  node.set_op_type("ScatterElements");
  return {};
}

Result<void> raise_dropout_10(OpsetScope& scope, NodeProto& node) {
  const bool has_mask = node.output_size() > 1 && !node.output(1).empty();
  if (has_mask && (!scope.edit().consumers(node.output(1)).empty() || scope.edit().is_output(node.output(1))))
    return no_equal("its mask is read, and has another type");
  return {};
}

Result<void> lower_dropout_12(OpsetScope& scope, NodeProto& node) {
  constexpr int training_input = 2;
  if (!has_input(node, training_input)) return {};
  const std::optional<std::vector<std::int64_t>> training = scope.integers(node.input(training_input));
  if (!training || training->size() != 1 || training->front() != 0) return no_equal("it drops values while the model runs");
  clear_input(scope, node, training_input);
  return {};
}

Result<void> lower_quantization_13(OpsetScope& scope, NodeProto& node) {
  const Shape* scale = has_input(node, 1) ? scope.shape(node.input(1)) : nullptr;
  const bool is_one_number = scale != nullptr && scale->empty();
  if (!is_one_number) return no_equal("it has a scale for each channel");
  remove_attribute(node, "axis");
  return {};
}

Result<void> lower_quantization_21(OpsetScope& scope, NodeProto& node) {
  const int input = node.op_type() == "QuantizeLinear" ? 2 : 0;
  const DataType type = has_input(node, input) ? scope.type(node.input(input)) : DataType::uint8;
  if (type == DataType::int16 || type == DataType::uint16) return no_equal("it quantizes to 16 bits");
  return {};
}

/// Version 16 moved the pixels by half of one, unless it is told not to.
Result<void> raise_roi_align_16(OpsetScope&, NodeProto& node) {
  set_text_attribute(node, "coordinate_transformation_mode", "output_half_pixel");
  return {};
}

Result<void> lower_roi_align_16(OpsetScope&, NodeProto& node) {
  if (text_attribute(node, "coordinate_transformation_mode") != "output_half_pixel")
    return no_equal("its pixels are shifted by half of one");
  remove_attribute(node, "coordinate_transformation_mode");
  return {};
}

constexpr std::pair<std::string_view, std::string_view> sampling_names[] = {{"bilinear", "linear"}, {"bicubic", "cubic"}};

Result<void> raise_grid_sample_20(OpsetScope&, NodeProto& node) {
  const std::string mode = text_attribute(node, "mode");
  for (const auto& [before, after] : sampling_names) {
    if (mode == before) set_text_attribute(node, "mode", std::string(after));
  }
  return {};
}

Result<void> lower_grid_sample_20(OpsetScope& scope, NodeProto& node) {
  const Shape* shape = scope.shape(node.input(0));
  if (shape == nullptr || shape->size() != 4) return no_equal("it samples what is no picture of two axes");
  const std::string mode = text_attribute(node, "mode");
  for (const auto& [before, after] : sampling_names) {
    if (mode == after) set_text_attribute(node, "mode", std::string(before));
  }
  return {};
}

Result<void> lower_attention_24(OpsetScope&, NodeProto& node) {
  constexpr int lengths_input = 6;
  return has_input(node, lengths_input) ? Result<void>(no_equal("it is given the lengths of its cache")) : Result<void>();
}

constexpr OpsetRule structural[] = {
    {"Scan", 9, refuse_scan, nullptr},
    {"BatchNormalization", 9, raise_batch_norm_9, nullptr},
    {"Upsample", 10, raise_upsample_10, nullptr},
    {"Dropout", 10, raise_dropout_10, nullptr},
    {"Resize", 11, raise_resize_11, nullptr},
    {"Scatter", 11, raise_scatter_11, nullptr},
    {"Dropout", 12, nullptr, lower_dropout_12},
    {"Constant", 12, nullptr, lower_constant_12, 0},
    {"Softmax", 13, raise_softmax, lower_softmax},
    {"LogSoftmax", 13, raise_softmax, lower_softmax},
    {"Hardmax", 13, raise_softmax, lower_softmax},
    {"Resize", 13, raise_resize_13, lower_resize_13},
    {"ReduceSum", 13, nullptr, lower_reduction},
    {"QuantizeLinear", 13, nullptr, lower_quantization_13},
    {"DequantizeLinear", 13, nullptr, lower_quantization_13},
    {"BatchNormalization", 14, raise_batch_norm_14, nullptr},
    {"Reshape", 14, nullptr, lower_reshape_14},
    {"Shape", 15, nullptr, lower_shape_15},
    {"RoiAlign", 16, raise_roi_align_16, lower_roi_align_16},
    {"ReduceL1", 18, nullptr, lower_reduction},
    {"ReduceL2", 18, nullptr, lower_reduction},
    {"ReduceLogSum", 18, nullptr, lower_reduction},
    {"ReduceLogSumExp", 18, nullptr, lower_reduction},
    {"ReduceMax", 18, nullptr, lower_reduction},
    {"ReduceMean", 18, nullptr, lower_reduction},
    {"ReduceMin", 18, nullptr, lower_reduction},
    {"ReduceProd", 18, nullptr, lower_reduction},
    {"ReduceSumSquare", 18, nullptr, lower_reduction},
    {"Split", 18, raise_split_18, lower_split_18},
    {"Pad", 18, nullptr, lower_pad_18, 2},
    {"Resize", 18, nullptr, lower_resize_18},
    {"GridSample", 20, raise_grid_sample_20, lower_grid_sample_20},
    {"GroupNormalization", 21, raise_group_norm_21, lower_group_norm_21, 3},
    {"QuantizeLinear", 21, nullptr, lower_quantization_21},
    {"DequantizeLinear", 21, nullptr, lower_quantization_21},
    {"Attention", 24, nullptr, lower_attention_24},
};

constexpr OpsetRule composed[] = {
    {"GreaterOrEqual", 12, nullptr, lower_greater_or_equal, 2},
    {"LessOrEqual", 12, nullptr, lower_less_or_equal, 2},
    {"HardSwish", 14, nullptr, lower_hard_swish},
    {"LayerNormalization", 17, nullptr, lower_layer_norm, 2},
    {"Mish", 18, nullptr, lower_mish},
    {"GroupNormalization", 18, nullptr, lower_group_norm_18, 3},
    {"Gelu", 20, nullptr, lower_gelu},
    {"RMSNormalization", 23, nullptr, lower_rms_norm, 2},
    {"Swish", 24, nullptr, lower_swish},
};

}  // namespace

tl::unexpected<Error> no_equal(std::string why) {
  return fail(ErrorCode::unsupported, std::move(why));
}

std::span<const OpsetRule> structural_rules() {
  return structural;
}

std::span<const OpsetRule> composed_rules() {
  return composed;
}

}  // namespace podium::onnx
