#include "backends/aotinductor/metadata.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/text.h"

namespace podium::aotinductor {
namespace {

using nlohmann::json;

constexpr const char* signature_key = "podium.signature";

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& list_at(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

std::optional<TensorSpec> parse_tensor(const json& item) {
  if (!item.is_object()) return {};
  const std::optional<DataType> type = parse_data_type(text_at(item, "type"));
  if (!type || text_at(item, "name").empty()) return {};
  TensorSpec spec{text_at(item, "name"), *type, {}};
  for (const json& size : list_at(item, "shape")) {
    if (!size.is_number_integer()) return {};
    spec.dimensions.push_back({size.get<std::int64_t>(), ""});
  }
  return spec;
}

std::optional<std::vector<TensorSpec>> parse_tensors(const json& list) {
  std::vector<TensorSpec> tensors;
  for (const json& item : list) {
    std::optional<TensorSpec> spec = parse_tensor(item);
    if (!spec) return {};
    tensors.push_back(std::move(*spec));
  }
  return tensors;
}

std::optional<Signature> parse_signature(const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return {};
  auto inputs = parse_tensors(list_at(document, "inputs"));
  const auto outputs = parse_tensors(list_at(document, "outputs"));
  const std::optional<Precision> precision = parse_precision(text_at(document, "precision"));
  if (!inputs || !outputs || !precision) return {};
  Signature signature{std::move(*inputs), {}, *precision, text_at(document, "torch")};
  for (const TensorSpec& output : *outputs) signature.outputs.push_back(output.name);
  return signature;
}

std::string entry(const std::unordered_map<std::string, std::string>& entries, const std::string& key) {
  const auto found = entries.find(key);
  return found == entries.end() ? std::string() : found->second;
}

std::size_t count(const json& node) {
  if (node.is_object() && node.contains("type") && node["type"].is_null()) return 1;
  std::size_t leaves = 0;
  if (node.is_object()) {
    for (const json& child : list_at(node, "children_spec")) leaves += count(child);
  }
  return leaves;
}

}  // namespace

Result<Metadata> parse_metadata(const std::unordered_map<std::string, std::string>& entries) {
  Metadata metadata{std::nullopt, entry(entries, "AOTI_DEVICE_KEY"), entry(entries, "AOTI_MACHINE"), entry(entries, "AOTI_CPU_ISA")};
  const std::string signature = entry(entries, signature_key);
  if (signature.empty()) return metadata;
  metadata.signature = parse_signature(signature);
  if (!metadata.signature) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("the package's metadata entry '{}' is not what Podium writes: {}", signature_key, printable(signature.substr(0, 200))),
        "export the model again with this version of Podium");
  }
  return metadata;
}

std::optional<std::size_t> count_leaves(const std::string& call_spec) {
  // [version of the format, root]
  const json spec = json::parse(call_spec, nullptr, false);
  if (!spec.is_array() || spec.size() != 2 || !spec[1].is_object()) return {};
  return count(spec[1]);
}

}  // namespace podium::aotinductor
