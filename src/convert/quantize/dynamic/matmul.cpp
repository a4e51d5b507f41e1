#include <algorithm>

#include "convert/quantize/dynamic/dynamic_edit.h"
#include "convert/quantize/scales.h"
#include "convert/quantize/stored_weight.h"
#include "convert/quantize/weight_quantizer.h"
#include "convert/quantize/weight_rules.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

tl::unexpected<Error> because(const std::string& reason) {
  return fail(ErrorCode::unsupported, reason);
}

/// output = integer product × scale of the left factor × scale of the right. Engines know these four nodes and run them as one.
void add_scaled_product(DynamicEdit& graph, const DynamicEdit::Quantized& left, const DynamicEdit::Quantized& right,
                        const std::string& near, const std::string& output) {
  const std::string sum = graph.add("MatMulInteger", {left.numbers, right.numbers, left.zero_point, right.zero_point}, near);
  const std::string number = graph.edit().unique_name(near + "_Cast");
  NodeProto& cast = graph.edit().add_node("Cast", {sum}, {number}, graph.edit().unique_name(near + "_Cast_node"));
  onnx::set_integer_attribute(cast, "to", ::onnx::TensorProto::FLOAT);
  const std::string scale = graph.add("Mul", {left.scale, right.scale}, near + "_scales");
  graph.add("Mul", {number, scale}, near, output);
}

/// output = integer product × scale of its row × scale of its column. No engine runs these as one node, but each of them is a pass over
/// the output alone.
void add_row_scaled_product(DynamicEdit& graph, const DynamicEdit::Quantized& rows, const DynamicEdit::Quantized& weight,
                            const std::string& near, const std::string& output) {
  const std::string sum = graph.add("MatMulInteger", {rows.numbers, weight.numbers, rows.zero_point, weight.zero_point}, near);
  const std::string number = graph.edit().unique_name(near + "_Cast");
  NodeProto& cast = graph.edit().add_node("Cast", {sum}, {number}, graph.edit().unique_name(near + "_Cast_node"));
  onnx::set_integer_attribute(cast, "to", ::onnx::TensorProto::FLOAT);
  const std::string by_row = graph.add("Mul", {number, rows.scale}, near + "_by_row");
  graph.add("Mul", {by_row, weight.scale}, near, output);
}

/// The weight as [inputs, outputs], so that channels are columns.
StoredWeight transposed(const StoredWeight& weight) {
  StoredWeight turned = weight;
  turned.shape = {weight.shape[1], weight.shape[0]};
  const auto rows = static_cast<std::size_t>(weight.shape[0]);
  const auto columns = static_cast<std::size_t>(weight.shape[1]);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) turned.numbers[column * rows + row] = weight.numbers[row * columns + column];
  }
  return turned;
}

DynamicEdit::Quantized add_weight(DynamicEdit& graph, const StoredWeight& weight, const std::string& name) {
  const Shape per_channel = weight.scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(weight.scales.size())};
  return {graph.add_int8(name + "_quantized", weight.shape, weight.numbers), graph.add_floats(name + "_scale", per_channel, weight.scales),
          graph.add_int8(name + "_zero_point", per_channel, std::vector<std::int64_t>(weight.scales.size(), 0))};
}

Result<void> check_input(const DynamicEdit& graph, const std::string& value) {
  if (graph.view().constant(value) != nullptr) return because("one of its factors is a constant");
  if (!graph.is_float32(value)) return because("its input is not known to be float32");
  return {};
}

/// What Gemm adds: C × beta; empty where it adds nothing.
Result<std::string> addend_of(DynamicEdit& graph, const NodeProto& node) {
  if (node.input_size() < 3 || node.input(2).empty()) return std::string();
  const float beta = onnx::float_attribute(node, "beta", 1.0F);
  if (beta == 1.0F) return node.input(2);
  return graph.add("Mul", {node.input(2), graph.add_floats(node.name() + "_beta", {}, {beta})}, node.name() + "_beta");
}

}  // namespace

Result<void> matmul_form(DynamicEdit& graph, NodeProto& node) {
  if (auto checked = check_input(graph, node.input(0)); !checked) return checked;
  const Result<WeightUse> use = weight_of(node, graph.view(), graph.profile());
  if (!use) return tl::unexpected(use.error());
  const Result<StoredWeight> weight = store_weight(*graph.view().constant(use->value), use->axis, graph.profile());
  if (!weight) return tl::unexpected(weight.error());
  const std::string input = node.input(0);
  const std::string output = node.output(0);
  const std::string name = node.name();
  graph.edit().remove(node);
  const DynamicEdit::Quantized stored = add_weight(graph, *weight, use->value);
  if (graph.has_rows(input)) {
    add_row_scaled_product(graph, graph.quantize_rows(input), stored, name, output);
  } else {
    add_scaled_product(graph, graph.quantize(input), stored, name, output);
  }
  return {};
}

Result<void> attention_form(DynamicEdit& graph, NodeProto& node) {
  for (const std::string& value : node.input()) {
    if (auto checked = check_input(graph, value); !checked) return checked;
  }
  const std::string left = node.input(0);
  const std::string right = node.input(1);
  const std::string output = node.output(0);
  const std::string name = node.name();
  graph.edit().remove(node);
  const DynamicEdit::Quantized quantized_left = graph.quantize(left);
  add_scaled_product(graph, quantized_left, graph.quantize(right), name, output);
  return {};
}

Result<void> gemm_form(DynamicEdit& graph, NodeProto& node) {
  if (auto checked = check_input(graph, node.input(0)); !checked) return checked;
  if (onnx::integer_attribute(node, "transA", 0) != 0) return because("it turns its input over");
  const Result<WeightUse> use = weight_of(node, graph.view(), graph.profile());
  if (!use) return tl::unexpected(use.error());
  Result<StoredWeight> weight = store_weight(*graph.view().constant(use->value), use->axis, graph.profile());
  if (!weight) return tl::unexpected(std::move(weight.error()));
  if (onnx::integer_attribute(node, "transB", 0) != 0) *weight = transposed(*weight);
  for (float& scale : weight->scales) scale *= onnx::float_attribute(node, "alpha", 1.0F);
  const Result<std::string> addend = addend_of(graph, node);
  const std::string input = node.input(0);
  const std::string output = node.output(0);
  const std::string name = node.name();
  graph.edit().remove(node);
  const std::string product = addend->empty() ? output : graph.edit().unique_name(name + "_product");
  add_scaled_product(graph, graph.quantize(input), add_weight(graph, *weight, use->value), name, product);
  if (!addend->empty()) graph.add("Add", {product, *addend}, name + "_bias", output);
  return {};
}

Result<void> weights_only_form(DynamicEdit& graph, NodeProto& node) {
  const Result<WeightUse> use = weight_of(node, graph.view(), graph.profile());
  if (!use) return tl::unexpected(use.error());
  const Result<StoredWeight> weight = store_weight(*graph.view().constant(use->value), use->axis, graph.profile());
  if (!weight) return tl::unexpected(weight.error());
  const std::string made =
      add_dequantized(graph.edit(), use->value, weight->shape, weight->numbers, DataType::int8, weight->scales, use->axis);
  graph.edit().set_input(node, 1, made);
  return {};
}

}  // namespace podium::convert
