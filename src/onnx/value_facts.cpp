#include "onnx/value_facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "onnx/attributes.h"
#include "onnx/propagate.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;
using ::onnx::ValueInfoProto;

Shape declared_shape(const ValueInfoProto& value) {
  Shape shape;
  for (const auto& dimension : value.type().tensor_type().shape().dim()) {
    shape.push_back(dimension.has_dim_value() && dimension.dim_value() >= 0 ? dimension.dim_value() : -1);
  }
  return shape;
}

/// The shapes with these sizes in place of the free axes: axes of one name share a size. Windows and strides of image models fit into it.
ShapeTable propagate_with(const ::onnx::GraphProto& graph, std::int64_t batch, std::int64_t other) {
  std::map<std::string, std::int64_t> named;
  return propagate(graph, [&](const ValueInfoProto& value, bool is_input) -> std::optional<Known> {
    if (!is_input || !value.type().tensor_type().has_shape()) return std::nullopt;
    Shape shape = declared_shape(value);
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] >= 0) continue;
      const std::string& name = value.type().tensor_type().shape().dim(static_cast<int>(i)).dim_param();
      shape[i] = i == 0 ? batch : other;
      if (!name.empty()) shape[i] = named.emplace(name, shape[i]).first->second;
    }
    return Known{std::move(shape), std::nullopt};
  });
}

bool has_free_axis(const ::onnx::GraphProto& graph) {
  return std::any_of(graph.input().begin(), graph.input().end(), [](const ValueInfoProto& input) {
    const Shape shape = declared_shape(input);
    return std::find(shape.begin(), shape.end(), -1) != shape.end();
  });
}

/// The graph under several sizes of its free axes. What is the same under all of them does not depend on them. Small sizes and large ones,
/// so that a bound (a slice up to 512, the smaller of two sizes) shows.
std::vector<ShapeTable> propagate_samples(const ::onnx::GraphProto& graph) {
  std::vector<ShapeTable> samples;
  samples.push_back(propagate_with(graph, 2, 96));
  if (!has_free_axis(graph)) return samples;
  samples.push_back(propagate_with(graph, 3, 160));
  samples.push_back(propagate_with(graph, 1, 1));
  samples.push_back(propagate_with(graph, 5, 4096));
  return samples;
}

std::vector<const Known*> find_all(const std::vector<ShapeTable>& samples, const std::string& name) {
  std::vector<const Known*> found;
  for (const ShapeTable& sample : samples) {
    if (const Known* known = sample.find(name)) found.push_back(known);
  }
  return found;
}

/// Sizes that differ are free; so are all where one sample alone gave a shape (windows do not fit into small pictures).
Shape merge(const std::vector<const Known*>& found, bool is_certain) {
  Shape shape = found.front()->shape;
  for (const Known* other : found) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const bool agrees = is_certain && other->shape.size() == shape.size() && other->shape[i] == shape[i];
      if (!agrees) shape[i] = -1;
    }
  }
  return shape;
}

/// The content, where all samples agree on it. Numbers at the bound of ShapeTable may be cut, so they are not told.
std::optional<std::vector<std::int64_t>> agreed_integers(const std::vector<const Known*>& found) {
  const auto& first = found.front()->integers;
  const auto agrees = [&](const Known* other) { return other->integers == first && other->shape == found.front()->shape; };
  if (!first || !std::all_of(found.begin(), found.end(), agrees)) return std::nullopt;
  const auto is_cut = [](std::int64_t value) { return value <= -ShapeTable::largest || value >= ShapeTable::largest; };
  return std::any_of(first->begin(), first->end(), is_cut) ? std::nullopt : first;
}

constexpr std::pair<std::string_view, int> result_types[] = {
    {"Shape", TensorProto::INT64},
    {"Size", TensorProto::INT64},
    {"ArgMax", TensorProto::INT64},
    {"ArgMin", TensorProto::INT64},
    {"NonZero", TensorProto::INT64},
    {"NonMaxSuppression", TensorProto::INT64},
    {"Equal", TensorProto::BOOL},
    {"Greater", TensorProto::BOOL},
    {"GreaterOrEqual", TensorProto::BOOL},
    {"Less", TensorProto::BOOL},
    {"LessOrEqual", TensorProto::BOOL},
    {"And", TensorProto::BOOL},
    {"Or", TensorProto::BOOL},
    {"Xor", TensorProto::BOOL},
    {"Not", TensorProto::BOOL},
    {"IsNaN", TensorProto::BOOL},
    {"IsInf", TensorProto::BOOL},
    {"MatMulInteger", TensorProto::INT32},
    {"ConvInteger", TensorProto::INT32},
    {"QLinearConv", 0},
    {"QLinearMatMul", 0},
    {"ConstantOfShape", TensorProto::FLOAT},
};

/// Inputs whose type the first output has, where it is not that of the first.
constexpr std::pair<std::string_view, int> typed_by_input[] = {
    {"Where", 1}, {"CastLike", 1}, {"QuantizeLinear", 2}, {"DequantizeLinear", 1}, {"OneHot", 2},
};

}  // namespace

ValueFacts::ValueFacts(const ::onnx::GraphProto& graph) {
  find_shapes(graph);
  find_types(graph);
}

void ValueFacts::find_shapes(const ::onnx::GraphProto& graph) {
  const std::vector<ShapeTable> samples = propagate_samples(graph);
  const std::size_t enough = samples.size() == 1 ? 1 : 2;
  const auto learn = [&](const std::string& name) {
    const std::vector<const Known*> found = find_all(samples, name);
    if (found.empty()) return;
    const bool is_certain = found.size() >= enough;
    shapes_.emplace(name, merge(found, is_certain));
    if (!is_certain) return;
    if (std::optional<std::vector<std::int64_t>> integers = agreed_integers(found)) integers_.emplace(name, std::move(*integers));
  };
  for (const auto& tensor : graph.initializer()) shapes_.emplace(tensor.name(), shape_of(tensor));
  for (const NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) learn(output);
  }
  for (const auto* values : {&graph.input(), &graph.value_info(), &graph.output()}) {
    for (const ValueInfoProto& value : *values) {
      if (value.type().tensor_type().has_shape()) shapes_.emplace(value.name(), declared_shape(value));
    }
  }
}

void ValueFacts::find_types(const ::onnx::GraphProto& graph) {
  for (const auto& tensor : graph.initializer()) types_[tensor.name()] = tensor.data_type();
  for (const auto* values : {&graph.input(), &graph.value_info(), &graph.output()}) {
    for (const ValueInfoProto& value : *values) {
      if (value.type().has_tensor_type()) types_.emplace(value.name(), value.type().tensor_type().elem_type());
    }
  }
  const auto type_of_output = [this](const NodeProto& node) -> int {
    const std::string& op = node.op_type();
    if (op == "Cast") return static_cast<int>(integer_attribute(node, "to", 0));
    const ::onnx::AttributeProto* value = find_attribute(node, "value");
    if ((op == "Constant" || op == "ConstantOfShape") && value != nullptr) return static_cast<int>(value->t().data_type());
    const bool is_integer = find_attribute(node, "value_int") != nullptr || find_attribute(node, "value_ints") != nullptr;
    if (op == "Constant") return static_cast<int>(is_integer ? TensorProto::INT64 : TensorProto::FLOAT);
    for (const auto& [name, type] : result_types) {
      if (op == name) return type;
    }
    int index = 0;
    for (const auto& [name, input] : typed_by_input) {
      if (op == name) index = input;
    }
    if (index < node.input_size()) return type(node.input(index));
    return op == "QuantizeLinear" ? static_cast<int>(TensorProto::UINT8) : 0;
  };
  for (const NodeProto& node : graph.node()) {
    if (!is_standard(node) || node.output_size() == 0) continue;
    const int type = type_of_output(node);
    if (type == 0) continue;
    types_.emplace(node.output(0), type);
    const bool all_alike = node.op_type() == "Split" || node.op_type() == "LSTM" || node.op_type() == "GRU" || node.op_type() == "RNN";
    if (!all_alike) continue;
    for (const std::string& output : node.output()) types_.emplace(output, type);
  }
}

const Shape* ValueFacts::shape(const std::string& value) const {
  const auto found = shapes_.find(value);
  return found != shapes_.end() ? &found->second : nullptr;
}

const std::vector<std::int64_t>* ValueFacts::integers(const std::string& value) const {
  const auto found = integers_.find(value);
  return found != integers_.end() ? &found->second : nullptr;
}

int ValueFacts::type(const std::string& value) const {
  const auto found = types_.find(value);
  return found != types_.end() ? found->second : 0;
}

}  // namespace podium::onnx
