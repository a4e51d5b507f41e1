#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "onnx/attributes.h"
#include "onnx/fold/passes.h"
#include "onnx/shape_table.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_data.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// y = factor · x + shift, for each channel.
struct Affine {
  std::vector<double> factor;
  std::vector<double> shift;
};

/// Where a linear operator keeps what belongs to an output channel.
struct Linear {
  NodeProto* node = nullptr;
  TensorProto* weight = nullptr;
  std::int64_t channels = 0;
  std::size_t rank = 0;     // of its output, whose axis 1 has the channels
  std::size_t axis = 0;     // of the weight, which has the channels of one group
  std::int64_t groups = 1;  // transposed convolutions: the weight's axis 0 runs through the groups
  double bias_factor = 1;   // Gemm's beta
};

/// The constant input, where it has that many numbers.
std::optional<std::vector<double>> numbers(const GraphEdit& edit, const NodeProto& node, int input, std::int64_t count) {
  const TensorProto* tensor = input < node.input_size() ? edit.initializer(node.input(input)) : nullptr;
  if (tensor == nullptr || !is_float(*tensor) || element_count(*tensor) != count) return std::nullopt;
  const Result<std::vector<float>> values = floats_of(*tensor);
  return values ? std::optional(std::vector<double>(values->begin(), values->end())) : std::nullopt;
}

std::optional<Linear> linear_of(const GraphEdit& edit, NodeProto& node) {
  const std::string& type = node.op_type();
  const bool is_gemm = type == "Gemm";
  const bool is_transposed = type == "ConvTranspose";
  if (!is_standard(node) || (type != "Conv" && !is_gemm && !is_transposed) || node.input_size() < 2 || node.output_size() != 1)
    return std::nullopt;
  Linear linear;
  linear.node = &node;
  linear.weight = edit.initializer(node.input(1));
  const bool is_stored = linear.weight != nullptr && is_float(*linear.weight) && linear.weight->data_type() != TensorProto::DOUBLE;
  // A weight that others read too would have to be copied, for each of them.
  if (!is_stored || edit.count_consumers(node.input(1)) != 1 || edit.is_output(node.input(1))) return std::nullopt;
  const Shape shape = shape_of(*linear.weight);
  linear.rank = shape.size();
  if (is_gemm) {
    linear.axis = integer_attribute(node, "transB", 0) != 0 ? 0 : 1;
    linear.bias_factor = static_cast<double>(float_attribute(node, "beta", 1));
  }
  if (is_transposed) {
    linear.axis = 1;
    linear.groups = integer_attribute(node, "group", 1);
  }
  const bool fits = is_gemm ? shape.size() == 2 : shape.size() >= 3;
  if (!fits || linear.groups < 1 || shape[0] % linear.groups != 0 || checked_product(shape).value_or(0) <= 0) return std::nullopt;
  if (__builtin_mul_overflow(shape[linear.axis], linear.groups, &linear.channels)) return std::nullopt;
  return linear;
}

/// The constant input of Mul, Add, Sub or Div, one number for each channel; nothing where it is not of that shape.
std::optional<std::vector<double>> by_channel(const GraphEdit& edit, const NodeProto& node, int input, const Linear& linear) {
  const TensorProto* tensor = edit.initializer(node.input(input));
  if (tensor == nullptr || tensor->data_type() != linear.weight->data_type()) return std::nullopt;
  const Shape shape = shape_of(*tensor);
  if (shape.size() > linear.rank) return std::nullopt;
  const std::size_t lead = linear.rank - shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == 1 || (lead + i == 1 && shape[i] == linear.channels);
    if (!fits) return std::nullopt;
  }
  std::optional<std::vector<double>> values = numbers(edit, node, input, checked_product(shape).value_or(0));
  if (values && values->size() == 1) values->resize(static_cast<std::size_t>(linear.channels), values->front());
  return values;
}

std::optional<Affine> batch_norm(const GraphEdit& edit, const NodeProto& node, const Linear& linear) {
  if (node.input_size() < 5 || integer_attribute(node, "training_mode", 0) != 0 || integer_attribute(node, "spatial", 1) == 0)
    return std::nullopt;
  const auto scale = numbers(edit, node, 1, linear.channels);
  const auto bias = numbers(edit, node, 2, linear.channels);
  const auto mean = numbers(edit, node, 3, linear.channels);
  const auto variance = numbers(edit, node, 4, linear.channels);
  const auto count = static_cast<std::size_t>(linear.channels);
  for (const auto* values : {&scale, &bias, &mean, &variance}) {
    if (!*values) return std::nullopt;
  }
  const auto epsilon = static_cast<double>(float_attribute(node, "epsilon", 1e-5F));
  Affine affine;
  for (std::size_t i = 0; i < count; ++i) {
    const double factor = (*scale)[i] / std::sqrt((*variance)[i] + epsilon);
    affine.factor.push_back(factor);
    affine.shift.push_back((*bias)[i] - (*mean)[i] * factor);
  }
  return affine;
}

std::optional<Affine> arithmetic(const GraphEdit& edit, const NodeProto& node, const std::string& value, const Linear& linear) {
  if (node.input_size() != 2 || node.input(0) == node.input(1)) return std::nullopt;
  const int constant = node.input(0) == value ? 1 : 0;
  const std::string& type = node.op_type();
  if (type == "Div" && constant == 0) return std::nullopt;
  const auto numbers_given = by_channel(edit, node, constant, linear);
  if (!numbers_given) return std::nullopt;
  Affine affine{std::vector<double>(numbers_given->size(), 1), std::vector<double>(numbers_given->size(), 0)};
  for (std::size_t i = 0; i < numbers_given->size(); ++i) {
    const double number = (*numbers_given)[i];
    if (type == "Mul") affine.factor[i] = number;
    if (type == "Div") affine.factor[i] = 1 / number;
    if (type == "Add") affine.shift[i] = number;
    if (type == "Sub") affine.shift[i] = constant == 1 ? -number : number;
    if (type == "Sub" && constant == 0) affine.factor[i] = -1;
  }
  return affine;
}

bool is_arithmetic(std::string_view type) {
  return type == "Mul" || type == "Div" || type == "Add" || type == "Sub";
}

std::optional<Affine> affine_of(const GraphEdit& edit, const NodeProto& node, const std::string& value, const Linear& linear) {
  if (!is_standard(node) || node.output_size() != 1 || node.input_size() == 0) return std::nullopt;
  std::optional<Affine> affine;
  if (node.op_type() == "BatchNormalization" && node.input(0) == value) affine = batch_norm(edit, node, linear);
  if (is_arithmetic(node.op_type())) affine = arithmetic(edit, node, value, linear);
  if (!affine) return std::nullopt;
  const auto is_finite = [](double number) { return std::isfinite(static_cast<float>(number)); };
  const bool is_good = std::all_of(affine->factor.begin(), affine->factor.end(), is_finite) &&
                       std::all_of(affine->shift.begin(), affine->shift.end(), is_finite);
  return is_good ? affine : std::nullopt;
}

/// The bias as one number for each channel; nothing where it is of another shape, or computed.
std::optional<std::vector<double>> bias_of(const GraphEdit& edit, const Linear& linear) {
  const NodeProto& node = *linear.node;
  const auto count = static_cast<std::size_t>(linear.channels);
  if (node.input_size() < 3 || node.input(2).empty()) return std::vector<double>(count, 0);
  if (edit.initializer(node.input(2)) == nullptr) return std::nullopt;
  // A convolution's bias has the shape [channels]; a Gemm's is repeated like the input of an Add.
  std::optional<std::vector<double>> bias =
      node.op_type() == "Gemm" ? by_channel(edit, node, 2, linear) : numbers(edit, node, 2, linear.channels);
  if (!bias || bias->size() != count) return std::nullopt;
  for (double& number : *bias) number *= linear.bias_factor;
  return bias;
}

DataType type_of(const TensorProto& tensor) {
  return element_type(tensor.data_type())->data_type.value_or(DataType::float32);
}

/// The weight with each output channel multiplied by its factor.
TensorProto scaled_weight(const Linear& linear, std::vector<float> weight, const std::vector<double>& factor, const std::string& name) {
  const Shape shape = shape_of(*linear.weight);
  const auto along = static_cast<std::size_t>(shape[linear.axis]);
  std::size_t inner = 1;
  for (std::size_t i = linear.axis + 1; i < shape.size(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  const std::size_t rows_of_group = static_cast<std::size_t>(shape[0] / linear.groups);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const std::size_t outer = i / inner / along;
    const std::size_t group = linear.groups > 1 ? outer / rows_of_group : 0;
    const std::size_t channel = group * along + i / inner % along;
    weight[i] = static_cast<float>(static_cast<double>(weight[i]) * factor[channel]);
  }
  return float_tensor(name, shape, weight, type_of(*linear.weight));
}

void write(GraphEdit& edit, const Linear& linear, const std::vector<float>& weight, const std::vector<double>& bias, const Affine& affine) {
  NodeProto& node = *linear.node;
  std::vector<float> new_bias;
  for (std::size_t i = 0; i < bias.size(); ++i) new_bias.push_back(static_cast<float>(bias[i] * affine.factor[i] + affine.shift[i]));
  const std::string bias_name = edit.unique_name(node.output(0) + "/bias");
  const std::string weight_name = edit.unique_name(node.input(1) + "/folded");
  const DataType type = type_of(*linear.weight);
  edit.add_initializer(scaled_weight(linear, weight, affine.factor, weight_name));
  edit.add_initializer(float_tensor(bias_name, {linear.channels}, new_bias, type));
  edit.set_input(node, 1, weight_name);
  edit.set_input(node, 2, bias_name);
  if (find_attribute(node, "beta") != nullptr) set_float_attribute(node, "beta", 1);
}

/// The one node that reads the result of another; null where there are several, or the result is needed under its name.
NodeProto* only_reader(const GraphEdit& edit, const std::string& value) {
  if (edit.is_output(value) || edit.is_captured(value)) return nullptr;
  return edit.count_consumers(value) == 1 ? edit.consumers(value).front() : nullptr;
}

void fold_behind(GraphEdit& edit, const Linear& linear, FoldedAffine& folded) {
  const std::optional<std::vector<double>> bias = bias_of(edit, linear);
  if (!bias) return;
  const auto count = static_cast<std::size_t>(linear.channels);
  Affine whole{std::vector<double>(count, 1), std::vector<double>(count, 0)};
  std::string value = linear.node->output(0);
  std::vector<NodeProto*> taken;
  while (NodeProto* reader = only_reader(edit, value)) {
    const std::optional<Affine> next = affine_of(edit, *reader, value, linear);
    if (!next) break;
    for (std::size_t i = 0; i < count; ++i) {
      whole.factor[i] *= next->factor[i];
      whole.shift[i] = whole.shift[i] * next->factor[i] + next->shift[i];
    }
    taken.push_back(reader);
    value = reader->output(0);
  }
  const Result<std::vector<float>> weight = floats_of(*linear.weight);
  if (taken.empty() || !weight) return;
  write(edit, linear, *weight, *bias, whole);
  for (NodeProto* node : taken) {
    ++(node->op_type() == "BatchNormalization" ? folded.batch_norms : folded.other_nodes);
    edit.remove(*node);
  }
  edit.set_output(*linear.node, 0, value);
}

}  // namespace

FoldedAffine fold_affine(GraphEdit& edit) {
  FoldedAffine folded;
  for (NodeProto* node : edit.nodes()) {
    if (const std::optional<Linear> linear = linear_of(edit, *node)) fold_behind(edit, *linear, folded);
  }
  return folded;
}

}  // namespace podium::onnx
