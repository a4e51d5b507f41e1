#include "backends/onnxruntime/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/api/audit_words.h"
#include "backends/onnxruntime/element_types.h"
#include "core/files.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

constexpr std::size_t largest_profile = std::size_t{256} << 20;
constexpr std::size_t most_operators_told = 3;

/// Parts of the names of operators that do a model's arithmetic, fused and quantized kinds included: "NhwcFusedConv", "QLinearMatMul".
constexpr std::array<std::string_view, 8> arithmetic{"Conv", "MatMul", "Gemm", "Attention", "LSTM", "GRU", "RNN", "Einsum"};
/// Operators that compute in integers although an input of theirs is a float.
constexpr std::array<std::string_view, 5> quantized{"QLinear", "QGemm", "QAttention", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"};
/// Nodes that the optimizer adds around others; they stand in no model.
constexpr std::array<std::string_view, 4> added{"ReorderInput", "ReorderOutput", "MemcpyToHost", "MemcpyFromHost"};

struct Node {
  std::string operator_name;
  std::string provider;
  std::string type;
};

/// The type a node computes in: that of its first input, or of its output where it has none.
std::string first_type(const nlohmann::json& arguments) {
  for (const char* key : {"input_type_shape", "output_type_shape"}) {
    const auto tensors = arguments.find(key);
    if (tensors == arguments.end() || !tensors->is_array()) continue;
    for (const auto& tensor : *tensors) {
      if (tensor.is_object() && !tensor.empty()) return std::string(podium_name(tensor.begin().key()));
    }
  }
  return "unknown";
}

std::string compute_type(const nlohmann::json& arguments, const std::string& operator_name) {
  const bool in_integers = std::any_of(quantized.begin(), quantized.end(), [&](auto prefix) { return operator_name.starts_with(prefix); });
  std::string type = first_type(arguments);
  return in_integers && type == "float32" ? "int8" : type;
}

bool is_arithmetic(const Node& node) {
  return std::any_of(arithmetic.begin(), arithmetic.end(), [&](auto part) { return node.operator_name.find(part) != std::string::npos; });
}

bool is_node_event(const nlohmann::json& event) {
  return event.is_object() && event.value("cat", "") == "Node" && event.value("name", "").ends_with("_kernel_time") &&
         event.contains("args");
}

std::vector<Node> nodes_of(const nlohmann::json& events) {
  std::vector<Node> nodes;
  std::set<std::string> seen;  // a node in a loop has an event for each turn
  for (const auto& event : events) {
    if (!is_node_event(event) || !seen.insert(event["name"].get<std::string>() + event["args"].value("node_index", "")).second) continue;
    const auto& arguments = event["args"];
    const std::string name = arguments.value("op_name", "");
    nodes.push_back({name, arguments.value("provider", "unknown"), compute_type(arguments, name)});
  }
  return nodes;
}

/// "3 of 8 nodes ran on CPUExecutionProvider, not on the XnnpackExecutionProvider that was asked for: Conv (2), Relu (1)"
std::string fallback_reason(const std::vector<Node>& nodes, const std::string& asked) {
  std::map<std::string, std::int64_t> operators;
  std::set<std::string> providers;
  std::int64_t elsewhere = 0;
  for (const Node& node : nodes) {
    if (node.provider == asked) continue;
    ++elsewhere;
    ++operators[node.operator_name.empty() ? "unnamed" : printable(node.operator_name)];
    providers.insert(printable(node.provider));
  }
  if (elsewhere == 0) return {};
  std::vector<std::pair<std::string, std::int64_t>> ordered(operators.begin(), operators.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> told;
  for (const auto& [name, count] : ordered) {
    if (told.size() == most_operators_told) {
      told.emplace_back("…");
      break;
    }
    told.push_back(fmt::format("{} ({})", name, count));
  }
  return fmt::format("{} of {} nodes ran on {}, not on the {} that was asked for: {}", elsewhere, nodes.size(),
                     fmt::join(providers, " and "), printable(asked), join(told, ", "));
}

/// Nothing where more nodes ran than the model's top graph has: the rest is inside loops and branches.
std::optional<std::int64_t> fused_nodes(const std::vector<Node>& nodes, const std::optional<std::int64_t>& model_nodes) {
  if (!model_nodes || nodes.empty()) return std::nullopt;
  const auto ran = std::count_if(nodes.begin(), nodes.end(),
                                 [](const Node& node) { return std::find(added.begin(), added.end(), node.operator_name) == added.end(); });
  return ran <= *model_nodes ? std::optional(*model_nodes - ran) : std::nullopt;
}

}  // namespace

Result<Audit> read_profile(const std::filesystem::path& file, const Asked& asked) {
  const Result<std::string> text = read_text_file(file, largest_profile);
  if (!text) return tl::unexpected(text.error());
  const auto events = nlohmann::json::parse(*text, nullptr, false);
  if (!events.is_array()) return fail(ErrorCode::failed, "ONNX Runtime wrote a profile that is not a JSON array");
  const std::vector<Node> nodes = nodes_of(events);
  Audit audit;
  backend::NodesByType arithmetic_types;
  for (const Node& node : nodes) {
    ++audit.providers[printable(node.provider)];
    ++audit.compute_types[printable(node.type)];
    if (is_arithmetic(node)) ++arithmetic_types[node.type];
  }
  const auto elsewhere = std::count_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.provider != asked.provider; });
  if (!nodes.empty()) audit.fallback_share = static_cast<double>(elsewhere) / static_cast<double>(nodes.size());
  audit.fallback_reason = fallback_reason(nodes, asked.provider);
  audit.other_precision = backend::other_precision(asked.precision, arithmetic_types);
  audit.int8_share = backend::int8_share(arithmetic_types);
  audit.fused_nodes = fused_nodes(nodes, asked.model_nodes);
  return audit;
}

}  // namespace podium::onnxruntime
