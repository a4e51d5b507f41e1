#include "convert/recovery/layer_norm.h"

#include "convert/recovery/layers.h"
#include "onnx/attributes.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// One number for each place of the last axis.
bool is_vector(const TensorProto* tensor, std::int64_t width) {
  if (tensor == nullptr || tensor->dims_size() == 0 || tensor->dims(tensor->dims_size() - 1) != width) return false;
  for (int axis = 0; axis + 1 < tensor->dims_size(); ++axis) {
    if (tensor->dims(axis) != 1) return false;
  }
  return true;
}

/// Which of the two inputs of an Add or Mul is such a vector; nothing where neither is.
std::optional<int> vector_input(const GraphEdit& edit, const NodeProto& node, std::int64_t width) {
  if (node.input_size() != 2) return std::nullopt;
  for (const int index : {1, 0}) {
    if (is_vector(float_weight(edit, node, index), width)) return index;
  }
  return std::nullopt;
}

bool is_made_by(const GraphEdit& edit, const std::string& value, std::string_view type) {
  const NodeProto* node = edit.producer(value);
  return node != nullptr && node->op_type() == type;
}

/// x minus its mean.
bool is_centred(const GraphEdit& edit, const std::string& value) {
  return is_made_by(edit, value, "Sub") && edit.producer(value)->input_size() == 2 &&
         is_made_by(edit, edit.producer(value)->input(1), "ReduceMean");
}

/// A centred value over, or times the reciprocal of, something: the deviation. Folding a scale into gamma and beta is right whatever that
/// is, so it is not looked at closer.
bool is_normalized(const GraphEdit& edit, const std::string& value) {
  const NodeProto* node = edit.producer(value);
  if (node == nullptr || node->input_size() != 2) return false;
  if (node->op_type() == "Div") return is_centred(edit, node->input(0));
  return node->op_type() == "Mul" && (is_centred(edit, node->input(0)) || is_centred(edit, node->input(1)));
}

std::optional<LayerNormScale> of_fused(const GraphEdit& edit, NodeProto& node, std::int64_t width) {
  const std::int64_t axis = onnx::integer_attribute(node, "axis", -1);
  if (!is_vector(float_weight(edit, node, 1), width) || float_weight(edit, node, 1)->dims_size() != 1) return std::nullopt;
  const bool has_beta = node.input_size() > 2 && !node.input(2).empty();
  if (has_beta && !is_vector(float_weight(edit, node, 2), width)) return std::nullopt;
  // Counted from the front the axis need not be the last, but gamma as a vector says that it is.
  if (axis < -1) return std::nullopt;
  return LayerNormScale{&node, 1, has_beta ? &node : nullptr, 2};
}

}  // namespace

std::optional<LayerNormScale> layer_norm_scale(const GraphEdit& edit, const std::string& value, std::int64_t width) {
  NodeProto* last = edit.producer(value);
  if (last == nullptr) return std::nullopt;
  if (last->op_type() == "LayerNormalization") return last->output(0) == value ? of_fused(edit, *last, width) : std::nullopt;

  NodeProto* multiplied = last;
  LayerNormScale scale;
  if (last->op_type() == "Add") {
    const std::optional<int> beta = vector_input(edit, *last, width);
    if (!beta) return std::nullopt;
    scale.beta_node = last;
    scale.beta_input = *beta;
    const std::string& before = last->input(1 - *beta);
    multiplied = edit.producer(before);
    if (only_reader(edit, before) != last) return std::nullopt;
  }
  if (multiplied == nullptr || multiplied->op_type() != "Mul") return std::nullopt;
  const std::optional<int> gamma = vector_input(edit, *multiplied, width);
  if (!gamma || !is_normalized(edit, multiplied->input(1 - *gamma))) return std::nullopt;
  scale.gamma_node = multiplied;
  scale.gamma_input = *gamma;
  return scale;
}

}  // namespace podium::convert
