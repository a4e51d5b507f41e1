#include "onnx/value_facts.h"

#include <map>
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

/// Sizes that differ between the two are free.
Shape merge(const Known* one, const Known* two) {
  Shape shape = one != nullptr ? one->shape : two->shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool agrees = one != nullptr && two != nullptr && one->shape.size() == two->shape.size() && one->shape[i] == two->shape[i];
    if (!agrees) shape[i] = -1;
  }
  return shape;
}

constexpr std::pair<std::string_view, int> result_types[] = {
    {"Shape", TensorProto::INT64},         {"Size", TensorProto::INT64},          {"ArgMax", TensorProto::INT64},
    {"ArgMin", TensorProto::INT64},        {"NonZero", TensorProto::INT64},       {"NonMaxSuppression", TensorProto::INT64},
    {"Equal", TensorProto::BOOL},          {"Greater", TensorProto::BOOL},        {"GreaterOrEqual", TensorProto::BOOL},
    {"Less", TensorProto::BOOL},           {"LessOrEqual", TensorProto::BOOL},    {"And", TensorProto::BOOL},
    {"Or", TensorProto::BOOL},             {"Xor", TensorProto::BOOL},            {"Not", TensorProto::BOOL},
    {"IsNaN", TensorProto::BOOL},          {"IsInf", TensorProto::BOOL},          {"MatMulInteger", TensorProto::INT32},
    {"ConvInteger", TensorProto::INT32},   {"QLinearConv", 0},                    {"QLinearMatMul", 0},
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
  const ShapeTable small = propagate_with(graph, 2, 96);
  const ShapeTable large = propagate_with(graph, 3, 160);
  const auto learn = [&](const std::string& name) {
    const Known* one = small.find(name);
    const Known* two = large.find(name);
    if (one != nullptr || two != nullptr) shapes_.emplace(name, merge(one, two));
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
  const auto type_of_output = [this](const NodeProto& node) {
    const std::string& op = node.op_type();
    if (op == "Cast") return static_cast<int>(integer_attribute(node, "to", 0));
    const ::onnx::AttributeProto* value = find_attribute(node, "value");
    if ((op == "Constant" || op == "ConstantOfShape") && value != nullptr) return static_cast<int>(value->t().data_type());
    if (op == "Constant") return find_attribute(node, "value_int") != nullptr || find_attribute(node, "value_ints") != nullptr
                                     ? static_cast<int>(TensorProto::INT64)
                                     : static_cast<int>(TensorProto::FLOAT);
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
    if (const int type = type_of_output(node); type != 0) types_.emplace(node.output(0), type);
  }
}

const Shape* ValueFacts::shape(const std::string& value) const {
  const auto found = shapes_.find(value);
  return found != shapes_.end() ? &found->second : nullptr;
}

int ValueFacts::type(const std::string& value) const {
  const auto found = types_.find(value);
  return found != types_.end() ? found->second : 0;
}

}  // namespace podium::onnx
