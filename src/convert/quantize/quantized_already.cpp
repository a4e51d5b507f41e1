#include "convert/quantize/quantized_already.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "onnx/graph_walk.h"
#include "onnx/shown_name.h"

namespace podium::convert {
namespace {

constexpr std::array<std::string_view, 9> quantized_operators{
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "FakeQuantize", "MatMulNBits",
    "QGemm",          "QAttention"};
constexpr std::array<std::string_view, 2> quantized_prefixes{"QLinear", "DynamicQuantize"};

bool is_quantized(std::string_view type) {
  return std::find(quantized_operators.begin(), quantized_operators.end(), type) != quantized_operators.end() ||
         std::any_of(quantized_prefixes.begin(), quantized_prefixes.end(), [&](auto prefix) { return type.starts_with(prefix); });
}

}  // namespace

Result<void> refuse_quantized(const ::onnx::ModelProto& model) {
  const ::onnx::NodeProto* quantized = nullptr;
  onnx::for_each_graph(model.graph(), [&](const ::onnx::GraphProto& graph) {
    for (const ::onnx::NodeProto& node : graph.node()) {
      if (quantized == nullptr && is_quantized(node.op_type())) quantized = &node;
    }
  });
  if (quantized == nullptr) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("the model is quantized already: node '{}' is a {}", onnx::shown_name(quantized->name()), quantized->op_type()),
              "give the float32 model that it was made from");
}

}  // namespace podium::convert
