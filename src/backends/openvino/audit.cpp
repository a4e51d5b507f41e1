#include "backends/openvino/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "backends/api/audit_words.h"
#include "backends/openvino/element_types.h"

namespace podium::openvino {
namespace {

constexpr const char* reference = "reference";

/// Nodes that hold, hand over or re-arrange data; those for weights are listed although they ran only once, while compiling.
constexpr std::array<std::string_view, 9> kinds_without_arithmetic{"Input",  "Output",  "Const",   "Constant", "Parameter",
                                                                   "Result", "Reorder", "Reshape", "Convert"};

std::string property(const ov::Node& node, const std::string& name) {
  const auto& properties = node.get_rt_info();
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second.as<std::string>();
}

bool computes(const ov::Node& node) {
  const std::string kind = property(node, "layerType");
  return std::find(kinds_without_arithmetic.begin(), kinds_without_arithmetic.end(), kind) == kinds_without_arithmetic.end();
}

/// Kinds that do a model's arithmetic, as the runtime model names them.
constexpr std::array<std::string_view, 11> arithmetic_kinds{"Convolution",
                                                            "Deconvolution",
                                                            "FullyConnected",
                                                            "MatMul",
                                                            "GroupConvolution",
                                                            "RNNCell",
                                                            "RNNSeq",
                                                            "MHA",
                                                            "ScaledDotProductAttention",
                                                            "ScaledDotProductAttentionWithKVCache",
                                                            "LLMMLP"};

bool is_arithmetic(const std::string& kind) {
  return std::find(arithmetic_kinds.begin(), arithmetic_kinds.end(), kind) != arithmetic_kinds.end();
}

/// The type that a node's numbers have, but where its primitive tells that it computes in float ("brgemm_avx2_f32"): a product of float
/// activations with int8 weights is listed as int8.
std::string compute_type(const ov::Node& node) {
  const std::string primitive = property(node, "primitiveType");
  return podium_name(primitive.ends_with("_f32") ? "f32" : property(node, "runtimePrecision"));
}

/// Nodes of the model, by the names behind one compiled node, that were merged into it.
std::int64_t merged_into(const ov::Node& node) {
  const std::string names = property(node, "originalLayersNames");
  return names.empty() ? 0 : static_cast<std::int64_t>(std::count(names.begin(), names.end(), ','));
}

std::string narrowed_to_integers(const backend::NodesByType& arithmetic) {
  const double share = backend::int8_share(arithmetic).value_or(0.0);
  if (share == 0.0) return {};
  return fmt::format(
      "{:.0f} % of its convolutions, matrix products and the like compute in 8-bit integers, although the model is not quantized",
      100.0 * share);
}

}  // namespace

bool is_quantized(const ov::Model& model) {
  const auto operations = model.get_ops();
  return std::any_of(operations.begin(), operations.end(), [](const auto& operation) {
    if (std::string_view(operation->get_type_name()) == "FakeQuantize") return true;
    const bool holds_weights = std::string_view(operation->get_type_name()) == "Constant" && operation->get_output_size() == 1;
    if (!holds_weights || ov::shape_size(operation->get_output_shape(0)) <= 1) return false;
    const ov::element::Type type = operation->get_output_element_type(0);
    return type.is_integral_number() && type.bitwidth() <= 8;
  });
}

Audit audit_runtime_model(const ov::Model& runtime_model, Precision asked, bool quantized_model) {
  Audit audit;
  backend::NodesByType arithmetic;
  std::int64_t nodes = 0;
  std::int64_t merged = 0;
  for (const auto& node : runtime_model.get_ops()) {
    merged += merged_into(*node);
    if (!computes(*node)) continue;
    const std::string kind = property(*node, "layerType");
    const std::string type = compute_type(*node);
    ++nodes;
    ++audit.providers[kind == "Reference" ? reference : "CPU"];
    ++audit.compute_types[type];
    if (is_arithmetic(kind)) ++arithmetic[type];
  }
  if (nodes > 0) {
    const std::int64_t by_reference = audit.providers.contains(reference) ? audit.providers.at(reference) : 0;
    audit.fallback_share = static_cast<double>(by_reference) / static_cast<double>(nodes);
    audit.fused_nodes = merged;
  }
  audit.int8_share = backend::int8_share(arithmetic);
  audit.other_precision = backend::other_precision(asked, arithmetic);
  if (audit.other_precision.empty() && !quantized_model) audit.other_precision = narrowed_to_integers(arithmetic);
  return audit;
}

}  // namespace podium::openvino
