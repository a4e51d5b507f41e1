#include "onnx/shape_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "onnx/value_rules.h"
#include "onnx/window_rules.h"

namespace podium::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

template <int weight_input>
MaybeKnown infer_convolution_with(const Operator& op, int) {
  return infer_convolution(op, weight_input);
}

MaybeKnown infer_global_pooling(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr || data->shape.size() < 3) return std::nullopt;
  Shape shape = data->shape;
  std::fill(shape.begin() + 2, shape.end(), 1);
  return Known{std::move(shape), std::nullopt};
}

MaybeKnown infer_gemm(const Operator& op, int) {
  const Known* a = op.input(0);
  const Known* b = op.input(1);
  if (a == nullptr || b == nullptr || a->shape.size() != 2 || b->shape.size() != 2) return std::nullopt;
  return Known{{a->shape[op.integer("transA", 0) != 0 ? 1 : 0], b->shape[op.integer("transB", 0) != 0 ? 0 : 1]}, std::nullopt};
}

template <int second_input>
MaybeKnown infer_matmul(const Operator& op, int) {
  const Known* left = op.input(0);
  const Known* right = op.input(second_input);
  if (left == nullptr || right == nullptr || left->shape.empty() || right->shape.empty()) return std::nullopt;
  Shape a = left->shape;
  Shape b = right->shape;
  const bool vector_a = a.size() == 1;
  const bool vector_b = b.size() == 1;
  if (vector_a) a.insert(a.begin(), 1);
  if (vector_b) b.push_back(1);
  if (a.back() != b[b.size() - 2]) return std::nullopt;
  Shape shape(std::max(a.size(), b.size()) - 2, 1);
  for (const Shape* side : {&a, &b}) {
    const std::size_t lead = shape.size() - (side->size() - 2);
    for (std::size_t i = 0; i + 2 < side->size(); ++i) shape[lead + i] = std::max(shape[lead + i], (*side)[i]);
  }
  if (!vector_a) shape.push_back(a[a.size() - 2]);
  if (!vector_b) shape.push_back(b.back());
  return Known{std::move(shape), std::nullopt};
}

MaybeKnown infer_flatten(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(data->shape.size());
  const std::int64_t axis = op.integer("axis", 1);
  const std::int64_t split = std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  const auto middle = data->shape.begin() + split;
  const std::optional<std::int64_t> rows = checked_product(Shape(data->shape.begin(), middle));
  const std::optional<std::int64_t> columns = checked_product(Shape(middle, data->shape.end()));
  if (!rows || !columns) return std::nullopt;
  return Known{{*rows, *columns}, std::nullopt};
}

MaybeKnown infer_reshape(const Operator& op, int) {
  const Known* data = op.input(0);
  const std::optional<Integers> wanted = op.integers_from("shape", 1);
  if (data == nullptr || !wanted) return std::nullopt;
  Shape shape = *wanted;
  const bool zero_copies = op.integer("allowzero", 0) == 0;
  std::optional<std::size_t> open_axis;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && zero_copies) {
      if (i >= data->shape.size()) return std::nullopt;
      shape[i] = data->shape[i];
    }
    if (shape[i] != -1) continue;
    if (open_axis) return std::nullopt;
    open_axis = i;
    shape[i] = 1;
  }
  const std::optional<std::int64_t> all = checked_product(data->shape);
  const std::optional<std::int64_t> rest = checked_product(shape);
  if (!all || !rest || *rest <= 0 || *all % *rest != 0) return std::nullopt;
  if (open_axis) shape[*open_axis] = *all / *rest;
  return Known{std::move(shape), data->integers};
}

/// The axes of Squeeze, Unsqueeze and Reduce: sorted, counted from the front of a shape with `rank` axes.
std::optional<std::vector<std::size_t>> read_axes(const Operator& op, int input, std::size_t rank) {
  const std::optional<Integers> given = op.integers_from("axes", input);
  if (!given) return std::nullopt;
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : *given) {
    const std::optional<std::size_t> at = axis_from_front(axis, rank);
    if (!at) return std::nullopt;
    axes.push_back(*at);
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

MaybeKnown infer_unsqueeze(const Operator& op, int) {
  const Known* data = op.input(0);
  const std::optional<Integers> given = op.integers_from("axes", 1);
  if (data == nullptr || !given) return std::nullopt;
  const std::optional<std::vector<std::size_t>> axes = read_axes(op, 1, data->shape.size() + given->size());
  if (!axes) return std::nullopt;
  Known known = *data;
  for (const std::size_t axis : *axes) {
    if (axis > known.shape.size()) return std::nullopt;
    known.shape.insert(known.shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  }
  return known;
}

MaybeKnown infer_squeeze(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr) return std::nullopt;
  const std::optional<std::vector<std::size_t>> axes = read_axes(op, 1, data->shape.size());
  if (!axes) return std::nullopt;
  Known known{{}, data->integers};
  for (std::size_t i = 0; i < data->shape.size(); ++i) {
    const bool is_named = std::binary_search(axes->begin(), axes->end(), i);
    const bool goes = axes->empty() ? data->shape[i] == 1 : is_named;
    if (!goes) known.shape.push_back(data->shape[i]);
  }
  return known;
}

MaybeKnown infer_reduction(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr) return std::nullopt;
  const std::optional<std::vector<std::size_t>> axes = read_axes(op, 1, data->shape.size());
  if (!axes || (axes->empty() && op.integer("noop_with_empty_axes", 0) != 0)) return std::nullopt;
  Known known;
  for (std::size_t i = 0; i < data->shape.size(); ++i) {
    const bool goes = axes->empty() || std::binary_search(axes->begin(), axes->end(), i);
    if (!goes) known.shape.push_back(data->shape[i]);
    if (goes && op.integer("keepdims", 1) != 0) known.shape.push_back(1);
  }
  return known;
}

MaybeKnown infer_split(const Operator& op, int output) {
  const Known* data = op.input(0);
  const std::optional<Integers> given = op.integers_from("split", 1);
  if (data == nullptr || !given) return std::nullopt;
  const std::optional<std::size_t> axis = axis_from_front(op.integer("axis", 0), data->shape.size());
  if (!axis) return std::nullopt;
  Known known{data->shape, std::nullopt};
  std::int64_t& size = known.shape[*axis];
  if (!given->empty()) {
    if (output >= static_cast<int>(given->size())) return std::nullopt;
    size = (*given)[static_cast<std::size_t>(output)];
    return known;
  }
  const std::int64_t outputs = op.node().output_size();
  const std::int64_t part = (size + outputs - 1) / outputs;  // the last may be smaller
  size = std::clamp<std::int64_t>(size - part * output, 0, part);
  return known;
}

MaybeKnown infer_pad(const Operator& op, int) {
  const Known* data = op.input(0);
  const std::optional<Integers> pads = op.integers_from("pads", 1);
  if (data == nullptr || !pads || op.has_input(3) || pads->size() != 2 * data->shape.size()) return std::nullopt;
  Known known{data->shape, std::nullopt};
  for (std::size_t i = 0; i < known.shape.size(); ++i) known.shape[i] += (*pads)[i] + (*pads)[i + known.shape.size()];
  return known;
}

MaybeKnown infer_expand(const Operator& op, int) {
  const Known* data = op.input(0);
  const Integers* wanted = op.integers(1);
  if (data == nullptr || wanted == nullptr) return std::nullopt;
  Shape shape(std::max(data->shape.size(), wanted->size()), 1);
  std::copy(data->shape.rbegin(), data->shape.rend(), shape.rbegin());
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::int64_t& size = shape[shape.size() - 1 - i];
    size = std::max(size, (*wanted)[wanted->size() - 1 - i]);
  }
  return Known{std::move(shape), std::nullopt};
}

/// Operators whose first output is shaped like the first input.
MaybeKnown infer_same(const Operator& op, int output) {
  const Known* data = op.input(0);
  return data != nullptr && output == 0 ? MaybeKnown(Known{data->shape, std::nullopt}) : std::nullopt;
}

/// The same, with the content.
MaybeKnown infer_copy(const Operator& op, int output) {
  const Known* data = op.input(0);
  return data != nullptr && output == 0 ? MaybeKnown(*data) : std::nullopt;
}

/// A number that becomes a float may not stay whole in what follows.
MaybeKnown infer_cast(const Operator& op, int output) {
  MaybeKnown known = infer_copy(op, output);
  const std::int64_t to = op.integer("to", 0);
  if (known && to != ::onnx::TensorProto::INT64 && to != ::onnx::TensorProto::INT32) known->integers.reset();
  return known;
}

using Rule = MaybeKnown (*)(const Operator&, int);

const std::unordered_map<std::string_view, Rule>& rules() {
  static const std::unordered_map<std::string_view, Rule> table = [] {
    std::unordered_map<std::string_view, Rule> all{
        {"Conv", infer_convolution_with<1>},
        {"ConvInteger", infer_convolution_with<1>},
        {"QLinearConv", infer_convolution_with<3>},
        {"MatMul", infer_matmul<1>},
        {"MatMulInteger", infer_matmul<1>},
        {"QLinearMatMul", infer_matmul<3>},
        {"Gemm", infer_gemm},
        {"Flatten", infer_flatten},
        {"Reshape", infer_reshape},
        {"Transpose", infer_transpose},
        {"Concat", infer_concat},
        {"Squeeze", infer_squeeze},
        {"Unsqueeze", infer_unsqueeze},
        {"Split", infer_split},
        {"Slice", infer_slice},
        {"Gather", infer_gather},
        {"Pad", infer_pad},
        {"Expand", infer_expand},
        {"Shape", infer_shape},
        {"Constant", infer_constant},
        {"ConstantOfShape", infer_constant_of_shape},
    };
    for (const char* name : {"MaxPool", "AveragePool", "LpPool"}) all.emplace(name, infer_pooling);
    for (const char* name : {"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"}) all.emplace(name, infer_global_pooling);
    for (const char* name : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
                             "ReduceLogSumExp"}) {
      all.emplace(name, infer_reduction);
    }
    for (const char* name :
         {"Add",  "Sub",         "Mul", "Div", "Pow", "Max", "Min",  "Sum", "Mean", "Where", "Equal", "Greater", "GreaterOrEqual",
          "Less", "LessOrEqual", "And", "Or",  "Xor", "Mod", "PRelu"}) {
      all.emplace(name, infer_elementwise);
    }
    all.emplace("Identity", infer_copy);
    all.emplace("Cast", infer_cast);
    for (const char* name : {"Abs",
                             "BatchNormalization",
                             "Ceil",
                             "Celu",
                             "Clip",
                             "CumSum",
                             "DequantizeLinear",
                             "Dropout",
                             "Elu",
                             "Erf",
                             "Exp",
                             "Floor",
                             "Gelu",
                             "GroupNormalization",
                             "HardSigmoid",
                             "HardSwish",
                             "InstanceNormalization",
                             "LRN",
                             "LayerNormalization",
                             "LeakyRelu",
                             "Log",
                             "LogSoftmax",
                             "LpNormalization",
                             "Mish",
                             "Neg",
                             "Not",
                             "QuantizeLinear",
                             "RMSNormalization",
                             "Reciprocal",
                             "Relu",
                             "Round",
                             "Selu",
                             "Sigmoid",
                             "Sign",
                             "Softmax",
                             "Softplus",
                             "Softsign",
                             "Sqrt",
                             "Swish",
                             "Tanh",
                             "ThresholdedRelu",
                             "Trilu"}) {
      all.emplace(name, infer_same);
    }
    return all;
  }();
  return table;
}

}  // namespace

std::optional<Known> infer(const Operator& op, int output) {
  const bool is_standard = op.node().domain().empty() || op.node().domain() == "ai.onnx";
  const auto rule = rules().find(op.node().op_type());
  if (!is_standard || rule == rules().end()) return std::nullopt;
  return rule->second(op, output);
}

}  // namespace podium::onnx
