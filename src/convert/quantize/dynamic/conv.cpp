#include "convert/quantize/dynamic/dynamic_edit.h"
#include "convert/quantize/stored_weight.h"
#include "convert/quantize/weight_rules.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

/// [channels, 1, 1, …], to stand against an output of the weight's rank.
Shape channel_shape(const Shape& weight) {
  Shape shape(weight.size() - 1, 1);
  shape.front() = weight.front();
  return shape;
}

}  // namespace

Result<void> conv_form(DynamicEdit& graph, NodeProto& node) {
  if (graph.view().constant(node.input(0)) != nullptr || !graph.is_float32(node.input(0)))
    return fail(ErrorCode::unsupported, "its input is not known to be float32");
  const Result<WeightUse> use = weight_of(node, graph.view(), graph.profile());
  if (!use) return tl::unexpected(use.error());
  const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
  const ::onnx::TensorProto* bias = has_bias ? graph.view().constant(node.input(2)) : nullptr;
  if (has_bias && bias == nullptr) return fail(ErrorCode::unsupported, "its bias is computed while running");
  const Result<StoredWeight> weight = store_weight(*graph.view().constant(use->value), 0, graph.profile());
  if (!weight) return tl::unexpected(weight.error());
  const Result<std::vector<float>> addend = has_bias ? finite_floats(*bias) : std::vector<float>();
  if (!addend) return tl::unexpected(addend.error());

  const NodeProto old = node;
  graph.edit().remove(node);
  const std::string& name = old.name();
  const DynamicEdit::Quantized input = graph.quantize(old.input(0));
  const std::string sum = graph.edit().unique_name(name + "_ConvInteger");
  const std::string numbers = graph.add_int8(use->value + "_quantized", weight->shape, weight->numbers);
  NodeProto& made = graph.edit().add_node("ConvInteger", {input.numbers, numbers, input.zero_point}, {sum},
                                          graph.edit().unique_name(name + "_ConvInteger_node"));
  *made.mutable_attribute() = old.attribute();

  const std::string number = graph.edit().unique_name(name + "_Cast");
  NodeProto& cast = graph.edit().add_node("Cast", {sum}, {number}, graph.edit().unique_name(name + "_Cast_node"));
  onnx::set_integer_attribute(cast, "to", ::onnx::TensorProto::FLOAT);
  const Shape per_channel = channel_shape(weight->shape);
  const std::string weight_scale = graph.add_floats(use->value + "_scale", per_channel, weight->scales);
  const std::string scale = graph.add("Mul", {input.scale, weight_scale}, name + "_scales");
  const std::string product = has_bias ? graph.edit().unique_name(name + "_product") : old.output(0);
  graph.add("Mul", {number, scale}, name, product);
  if (has_bias) graph.add("Add", {product, graph.add_floats(name + "_bias", per_channel, *addend)}, name + "_bias", old.output(0));
  return {};
}

}  // namespace podium::convert
