#include "evaluator.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert::test {

namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;
using Inputs = std::vector<const Tensor*>;  ///< null where an input is left out

std::size_t count(const Shape& shape) {
  std::size_t product = 1;
  for (const std::int64_t size : shape) product *= static_cast<std::size_t>(size);
  return product;
}

std::size_t at(const Shape& shape, std::size_t axis) {
  return static_cast<std::size_t>(shape[axis]);
}

Tensor flatten(const Tensor& x) {
  return {{x.shape.front(), static_cast<std::int64_t>(x.values.size()) / x.shape.front()}, x.values};
}

Tensor elementwise(const Tensor& x, const std::function<float(float)>& function) {
  Tensor y = x;
  for (float& value : y.values) value = function(value);
  return y;
}

/// The place in `tensor` of a place in a shape that it is broadcast to.
std::size_t broadcast_index(const Tensor& tensor, const Shape& to, std::size_t index) {
  std::size_t place = 0;
  std::size_t stride = 1;
  for (std::size_t back = 1; back <= tensor.shape.size(); ++back) {
    const std::size_t size = at(tensor.shape, tensor.shape.size() - back);
    const std::size_t full = at(to, to.size() - back);
    if (size > 1) place += index % full * stride;
    index /= full;
    stride *= size;
  }
  return place;
}

Tensor combine(const Tensor& a, const Tensor& b, const std::function<float(float, float)>& function) {
  Tensor y{a.shape.size() >= b.shape.size() ? a.shape : b.shape, {}};
  for (std::size_t back = 1; back <= std::min(a.shape.size(), b.shape.size()); ++back) {
    y.shape[y.shape.size() - back] = std::max(a.shape[a.shape.size() - back], b.shape[b.shape.size() - back]);
  }
  y.values.resize(count(y.shape));
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = function(a.values[broadcast_index(a, y.shape, i)], b.values[broadcast_index(b, y.shape, i)]);
  }
  return y;
}

Tensor convolve(const NodeProto& node, const Inputs& inputs) {
  const Tensor& x = *inputs[0];
  const Tensor& w = *inputs[1];
  const auto groups = static_cast<std::size_t>(onnx::integer_attribute(node, "group", 1));
  std::vector<std::int64_t> pads = onnx::integers_attribute(node, "pads");
  if (pads.empty()) pads = {0, 0, 0, 0};
  const std::int64_t rows = x.shape[2] + pads[0] + pads[2] - w.shape[2] + 1;
  const std::int64_t columns = x.shape[3] + pads[1] + pads[3] - w.shape[3] + 1;
  Tensor y{{x.shape[0], w.shape[0], rows, columns}, {}};
  for (std::size_t i = 0; i < count(y.shape); ++i) {
    const auto column = static_cast<std::int64_t>(i) % columns;
    const auto row = static_cast<std::int64_t>(i) / columns % rows;
    const std::size_t out = i / static_cast<std::size_t>(rows * columns) % at(w.shape, 0);
    const std::size_t picture = i / static_cast<std::size_t>(rows * columns) / at(w.shape, 0);
    double sum = inputs.size() > 2 ? static_cast<double>(inputs[2]->values[out]) : 0.0;
    for (std::size_t j = 0; j < count(w.shape) / at(w.shape, 0); ++j) {
      const auto tap_column = static_cast<std::int64_t>(j) % w.shape[3] + column - pads[1];
      const auto tap_row = static_cast<std::int64_t>(j) / w.shape[3] % w.shape[2] + row - pads[0];
      if (tap_row < 0 || tap_row >= x.shape[2] || tap_column < 0 || tap_column >= x.shape[3]) continue;
      const std::size_t in = j / (at(w.shape, 2) * at(w.shape, 3)) + out / (at(w.shape, 0) / groups) * at(w.shape, 1);
      const std::size_t place = ((picture * at(x.shape, 1) + in) * at(x.shape, 2) + static_cast<std::size_t>(tap_row)) * at(x.shape, 3);
      sum += static_cast<double>(x.values[place + static_cast<std::size_t>(tap_column)]) *
             static_cast<double>(w.values[out * (count(w.shape) / at(w.shape, 0)) + j]);
    }
    y.values.push_back(static_cast<float>(sum));
  }
  return y;
}

/// [… , k] × [k, n]; of a transposed weight [n, k].
Tensor multiply(const Tensor& x, const Tensor& w, bool is_transposed) {
  const std::size_t inner = at(x.shape, x.shape.size() - 1);
  const std::size_t columns = at(w.shape, is_transposed ? 0 : 1);
  Tensor y{x.shape, {}};
  y.shape.back() = static_cast<std::int64_t>(columns);
  for (std::size_t row = 0; row < x.values.size() / inner; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      double sum = 0.0;
      for (std::size_t k = 0; k < inner; ++k) {
        const float weight = w.values[is_transposed ? column * inner + k : k * columns + column];
        sum += static_cast<double>(x.values[row * inner + k]) * static_cast<double>(weight);
      }
      y.values.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

Tensor gemm(const NodeProto& node, const Inputs& inputs) {
  Tensor y = multiply(*inputs[0], *inputs[1], onnx::integer_attribute(node, "transB", 0) != 0);
  if (inputs.size() < 3 || inputs[2] == nullptr) return y;
  const float beta = onnx::float_attribute(node, "beta", 1.0F);
  return combine(y, elementwise(*inputs[2], [beta](float value) { return beta * value; }), std::plus<>());
}

/// The mean over the last axis, which stays with size 1.
Tensor mean_of_last(const Tensor& x) {
  Tensor y{x.shape, {}};
  const auto width = static_cast<std::size_t>(x.shape.back());
  y.shape.back() = 1;
  for (std::size_t first = 0; first < x.values.size(); first += width) {
    double sum = 0.0;
    for (std::size_t i = 0; i < width; ++i) sum += static_cast<double>(x.values[first + i]);
    y.values.push_back(static_cast<float>(sum / static_cast<double>(width)));
  }
  return y;
}

Tensor normalize(const Inputs& inputs) {
  const Tensor centred = combine(*inputs[0], mean_of_last(*inputs[0]), std::minus<>());
  const Tensor variance = mean_of_last(combine(centred, centred, std::multiplies<>()));
  const Tensor deviation = elementwise(variance, [](float value) { return std::sqrt(value + 1e-5F); });
  const Tensor scaled = combine(combine(centred, deviation, std::divides<>()), *inputs[1], std::multiplies<>());
  return inputs.size() > 2 && inputs[2] != nullptr ? combine(scaled, *inputs[2], std::plus<>()) : scaled;
}

Tensor mean_over_picture(const Tensor& x) {
  const std::size_t planes = at(x.shape, 0) * at(x.shape, 1);
  Tensor rows{{static_cast<std::int64_t>(planes), static_cast<std::int64_t>(x.values.size() / planes)}, x.values};
  Tensor y = mean_of_last(rows);
  y.shape = {x.shape[0], x.shape[1], 1, 1};
  return y;
}

/// A scale or zero point along an axis, shaped to be broadcast.
Tensor along_axis(const NodeProto& node, const Tensor& numbers, std::size_t rank) {
  if (numbers.values.size() == 1) return {{}, numbers.values};
  std::int64_t axis = onnx::integer_attribute(node, "axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  Shape shape(rank, 1);
  shape[static_cast<std::size_t>(axis)] = numbers.shape.front();
  return {shape, numbers.values};
}

/// `is_signed`: of the whole numbers that it makes.
Tensor quantize(const NodeProto& node, const Inputs& inputs, bool is_signed) {
  const std::size_t rank = inputs[0]->shape.size();
  Tensor y = combine(*inputs[0], along_axis(node, *inputs[1], rank), [](float x, float scale) { return std::nearbyint(x / scale); });
  if (inputs.size() > 2) y = combine(y, along_axis(node, *inputs[2], rank), std::plus<>());
  return elementwise(y, [&](float value) { return std::clamp(value, is_signed ? -128.0F : 0.0F, is_signed ? 127.0F : 255.0F); });
}

Tensor dequantize(const NodeProto& node, const Inputs& inputs) {
  const std::size_t rank = inputs[0]->shape.size();
  const Tensor moved = inputs.size() > 2 ? combine(*inputs[0], along_axis(node, *inputs[2], rank), std::minus<>()) : *inputs[0];
  return combine(moved, along_axis(node, *inputs[1], rank), std::multiplies<>());
}

/// float32 numbers are held as they are, so only a Cast to 16 bits changes any.
Tensor cast(const NodeProto& node, const Inputs& inputs) {
  const auto to = onnx::integer_attribute(node, "to", TensorProto::FLOAT);
  if (to != TensorProto::FLOAT16 && to != TensorProto::BFLOAT16) return *inputs[0];
  const DataType type = to == TensorProto::FLOAT16 ? DataType::float16 : DataType::bfloat16;
  return {inputs[0]->shape, onnx::floats_of(onnx::float_tensor("", inputs[0]->shape, inputs[0]->values, type)).value()};
}

using Compute = std::function<Tensor(const NodeProto& node, const Inputs& inputs)>;

const std::map<std::string, Compute>& operators() {
  static const std::map<std::string, Compute> table{
      {"Add", [](const auto&, const Inputs& in) { return combine(*in[0], *in[1], std::plus<>()); }},
      {"Sub", [](const auto&, const Inputs& in) { return combine(*in[0], *in[1], std::minus<>()); }},
      {"Mul", [](const auto&, const Inputs& in) { return combine(*in[0], *in[1], std::multiplies<>()); }},
      {"Div", [](const auto&, const Inputs& in) { return combine(*in[0], *in[1], std::divides<>()); }},
      {"Pow", [](const auto&, const Inputs& in) { return combine(*in[0], *in[1], [](float x, float y) { return std::pow(x, y); }); }},
      {"Sqrt", [](const auto&, const Inputs& in) { return elementwise(*in[0], [](float x) { return std::sqrt(x); }); }},
      {"Relu", [](const auto&, const Inputs& in) { return elementwise(*in[0], [](float x) { return std::max(x, 0.0F); }); }},
      {"Identity", [](const auto&, const Inputs& in) { return *in[0]; }},
      {"Flatten", [](const auto&, const Inputs& in) { return flatten(*in[0]); }},
      {"Cast", cast},
      {"Conv", convolve},
      {"Gemm", gemm},
      {"MatMul", [](const auto&, const Inputs& in) { return multiply(*in[0], *in[1], false); }},
      {"ReduceMean", [](const auto&, const Inputs& in) { return mean_of_last(*in[0]); }},
      {"LayerNormalization", [](const auto&, const Inputs& in) { return normalize(in); }},
      {"GlobalAveragePool", [](const auto&, const Inputs& in) { return mean_over_picture(*in[0]); }},
      {"DequantizeLinear", dequantize},
  };
  return table;
}

Result<Tensor> read(const TensorProto& tensor) {
  if (onnx::is_float(tensor)) {
    Result<std::vector<float>> values = onnx::floats_of(tensor);
    if (!values) return tl::unexpected(values.error());
    return Tensor{onnx::shape_of(tensor), std::move(*values)};
  }
  const Result<std::vector<std::int64_t>> integers = onnx::integers_of(tensor);
  if (!integers) return tl::unexpected(integers.error());
  Tensor read{onnx::shape_of(tensor), {}};
  for (const std::int64_t value : *integers) read.values.push_back(static_cast<float>(value));
  return read;
}

/// The whole-number type of a zero point, which is that of what is quantized with it.
bool has_signed_zero(const ::onnx::GraphProto& graph, const NodeProto& node) {
  return std::any_of(graph.initializer().begin(), graph.initializer().end(), [&](const TensorProto& tensor) {
    return node.input_size() > 2 && tensor.name() == node.input(2) && tensor.data_type() == TensorProto::INT8;
  });
}

}  // namespace

Result<std::vector<Tensor>> Evaluator::outputs(const ::onnx::ModelProto& model, std::size_t batch) const {
  std::map<std::string, Tensor> values = batches_.at(batch);
  for (const TensorProto& tensor : model.graph().initializer()) {
    Result<Tensor> stored = read(tensor);
    if (!stored) return tl::unexpected(stored.error());
    values[tensor.name()] = std::move(*stored);
  }
  for (const NodeProto& node : model.graph().node()) {
    Inputs inputs;
    for (const std::string& name : node.input()) {
      if (!name.empty() && !values.contains(name)) return fail(ErrorCode::failed, "nothing made '" + name + "' before it was read");
      inputs.push_back(name.empty() ? nullptr : &values.at(name));
    }
    const auto found = operators().find(node.op_type());
    if (node.op_type() == "QuantizeLinear") {
      values[node.output(0)] = quantize(node, inputs, has_signed_zero(model.graph(), node));
    } else if (found != operators().end()) {
      values[node.output(0)] = found->second(node, inputs);
    } else {
      return fail(ErrorCode::unsupported, "the tests' engine has no " + node.op_type());
    }
  }
  std::vector<Tensor> outputs;
  for (const auto& output : model.graph().output()) outputs.push_back(values.at(output.name()));
  return outputs;
}

Result<void> Evaluator::run(const ::onnx::ModelProto& model, const OnActivations& sink) {
  ++runs;
  for (std::size_t batch = 0; batch < batches_.size(); ++batch) {
    const Result<std::vector<Tensor>> tensors = outputs(model, batch);
    if (!tensors) return tl::unexpected(tensors.error());
    ++batches_run;
    std::vector<Activation> activations;
    for (std::size_t i = 0; i < tensors->size(); ++i) {
      activations.push_back({model.graph().output(static_cast<int>(i)).name(), (*tensors)[i].shape, (*tensors)[i].values});
    }
    if (Result<void> taken = sink(static_cast<std::int64_t>(batch), activations); !taken) return taken;
  }
  return {};
}

}  // namespace podium::convert::test
