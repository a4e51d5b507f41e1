#include "convert/half/scope.h"

#include <string_view>

#include "onnx/attributes.h"

namespace podium::convert::half {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// Type of a tensor's elements; UNDEFINED for sequences and for what is not told.
int type_of(const ::onnx::ValueInfoProto& value) {
  return value.type().has_tensor_type() ? value.type().tensor_type().elem_type() : TensorProto::UNDEFINED;
}

/// What a Constant holds; UNDEFINED for text.
int type_of_constant(const NodeProto& node) {
  for (const AttributeProto& attribute : node.attribute()) {
    if (attribute.has_t()) return attribute.t().data_type();
    if (attribute.name() == "value_float" || attribute.name() == "value_floats") return TensorProto::FLOAT;
    if (attribute.name() == "value_int" || attribute.name() == "value_ints") return TensorProto::INT64;
    if (attribute.name() == "sparse_value") return attribute.sparse_tensor().values().data_type();
  }
  return TensorProto::UNDEFINED;
}

/// How many of a node's outputs stand before the first that its inner graph's outputs give, and the other way round.
int offset_into_body(const NodeProto& node) {
  return node.op_type() == "Loop" ? 1 : 0;  // a body's first output says whether it goes on
}

bool names_its_type(std::string_view type) {
  constexpr std::string_view types[] = {"EyeLike",           "RandomNormal", "RandomUniform",  "RandomNormalLike",
                                        "RandomUniformLike", "Bernoulli",    "Multinomial",    "BlackmanWindow",
                                        "HammingWindow",     "HannWindow",   "MelWeightMatrix"};
  for (const std::string_view known : types) {
    if (known == type) return true;
  }
  return false;
}

}  // namespace

Scope::Scope(GraphProto& graph, Scope* parent) : graph_(graph), parent_(parent) {
  for (const auto& value : graph.value_info()) declared_[value.name()] = type_of(value);
  for (const auto& value : graph.output()) declared_[value.name()] = type_of(value);
  take_inputs();
  take_nodes();
  for (const auto& output : graph.output()) {
    if (Value* value = own(output.name())) value->is_output = true;
  }
}

Value* Scope::own(const std::string& name) noexcept {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

Value* Scope::find(const std::string& name) noexcept {
  for (Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    if (Value* value = scope->own(name)) return value;
  }
  return nullptr;
}

void Scope::take_inputs() {
  for (const auto& input : graph_.input()) values_[input.name()] = {.name = input.name(), .type = type_of(input), .origin = Origin::input};
  for (const TensorProto& tensor : graph_.initializer()) {
    values_[tensor.name()] = {.name = tensor.name(), .type = tensor.data_type(), .origin = Origin::stored, .stored = &tensor};
  }
  for (const auto& tensor : graph_.sparse_initializer()) {
    const std::string& name = tensor.values().name();
    values_[name] = {.name = name, .type = tensor.values().data_type(), .origin = Origin::stored};
  }
}

void Scope::take_nodes() {
  steps_.reserve(static_cast<std::size_t>(graph_.node_size()));
  for (NodeProto& node : *graph_.mutable_node()) {
    Step& step = steps_.emplace_back();
    step.node = &node;
    step.row = find_operator(node);
    for (AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) step.inner.push_back(std::make_unique<Scope>(*attribute.mutable_g(), this));
      for (GraphProto& graph : *attribute.mutable_graphs()) step.inner.push_back(std::make_unique<Scope>(graph, this));
    }
    infer(step);
  }
}

void Scope::infer(Step& step) {
  const NodeProto& node = *step.node;
  int shared = TensorProto::UNDEFINED;
  for (int i = 0; i < node.input_size(); ++i) {
    const Value* value = step.input_slot(i) == Slot::half ? find(node.input(i)) : nullptr;
    if (value != nullptr && shared == TensorProto::UNDEFINED) shared = value->type;
  }
  for (int i = 0; i < node.input_size(); ++i) {
    Value* value = step.input_slot(i) == Slot::half ? find(node.input(i)) : nullptr;
    if (value != nullptr && value->type == TensorProto::UNDEFINED) value->type = shared;
  }
  for (int i = 0; i < node.output_size(); ++i) {
    const std::string& name = node.output(i);
    if (name.empty()) continue;
    const bool takes_shared = step.output_slot(i) == Slot::half && shared != TensorProto::UNDEFINED;
    int type = takes_shared ? shared : told_type(step, i);
    const auto declared = declared_.find(name);
    if (type == TensorProto::UNDEFINED && declared != declared_.end()) type = declared->second;
    Value& value = values_[name] = {.name = name, .type = type, .origin = Origin::node, .producer = &node};
    const AttributeProto* constant = node.op_type() == "Constant" ? onnx::find_attribute(node, "value") : nullptr;
    if (constant == nullptr || !constant->has_t()) continue;
    value.origin = Origin::stored;
    value.stored = &constant->t();
  }
}

/// The type of an output that no input's type gives.
int Scope::told_type(const Step& step, int output) {
  const NodeProto& node = *step.node;
  switch (step.output_slot(output)) {
    case Slot::single:
      return TensorProto::FLOAT;
    case Slot::integer:
      return TensorProto::INT64;
    case Slot::boolean:
      return TensorProto::BOOL;
    default:
      break;
  }
  const std::string& type = node.op_type();
  const auto type_of_input = [&](int index) {
    const Value* value = index < node.input_size() ? find(node.input(index)) : nullptr;
    return value == nullptr ? static_cast<int>(TensorProto::UNDEFINED) : value->type;
  };
  if (type == "Constant") return type_of_constant(node);
  if (type == "Cast") return static_cast<int>(onnx::integer_attribute(node, "to", TensorProto::UNDEFINED));
  if (type == "CastLike" || type == "DequantizeLinear") return type_of_input(1);
  if (type == "ConstantOfShape") {
    const AttributeProto* value = onnx::find_attribute(node, "value");
    return value == nullptr ? static_cast<int>(TensorProto::FLOAT) : value->t().data_type();
  }
  if (names_its_type(type)) {
    const int otherwise = type.ends_with("Like") || type == "Bernoulli" ? type_of_input(0) : static_cast<int>(TensorProto::FLOAT);
    const char* attribute = onnx::find_attribute(node, "dtype") != nullptr ? "dtype" : "output_datatype";
    return static_cast<int>(onnx::integer_attribute(node, attribute, type == "Multinomial" ? TensorProto::INT32 : otherwise));
  }
  if (step.inner.empty()) return TensorProto::UNDEFINED;
  Scope& body = *step.inner.front();
  const int place = output + offset_into_body(node);
  const Value* value = place < body.graph().output_size() ? body.find(body.graph().output(place).name()) : nullptr;
  return value == nullptr ? static_cast<int>(TensorProto::UNDEFINED) : value->type;
}

void for_each_step(Scope& scope, const std::function<void(Scope&, Step&)>& visit) {
  for (Step& step : scope.steps()) {
    visit(scope, step);
    for (const auto& inner : step.inner) for_each_step(*inner, visit);
  }
}

std::vector<Argument> float_inputs(Scope& scope, const Step& step) {
  std::vector<Argument> found;
  for (int i = 0; i < step.node->input_size(); ++i) {
    Value* value = scope.find(step.node->input(i));
    if (value != nullptr && value->is_float()) found.push_back({value, step.input_slot(i), i});
  }
  return found;
}

std::vector<Argument> float_outputs(Scope& scope, const Step& step) {
  std::vector<Argument> found;
  for (int i = 0; i < step.node->output_size(); ++i) {
    Value* value = scope.own(step.node->output(i));
    if (value != nullptr && value->is_float()) found.push_back({value, step.output_slot(i), i});
  }
  return found;
}

}  // namespace podium::convert::half
