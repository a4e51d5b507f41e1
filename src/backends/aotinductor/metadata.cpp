#include "backends/aotinductor/metadata.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/text.h"

namespace podium::aotinductor {
namespace {

using nlohmann::json;

const std::string& entry(const std::unordered_map<std::string, std::string>& entries, const std::string& key) {
  static const std::string none;
  const auto found = entries.find(key);
  return found == entries.end() ? none : found->second;
}

tl::unexpected<Error> wrong_entry(const std::string& key, const std::string& value) {
  return fail(ErrorCode::bad_input, fmt::format("the package's metadata entry '{}' is not what Podium writes: {}", key, printable(value.substr(0, 200))),
              "export the model again with this version of Podium");
}

std::optional<TensorSpec> parse_input(const json& item) {
  if (!item.is_object() || !item.contains("name") || !item["name"].is_string() || !item.contains("type") || !item["type"].is_string()) return {};
  const std::optional<DataType> type = parse_data_type(item["type"].get<std::string>());
  if (!type || !item.contains("shape") || !item["shape"].is_array()) return {};
  TensorSpec spec{item["name"].get<std::string>(), *type, {}};
  for (const json& size : item["shape"]) {
    if (!size.is_number_integer()) return {};
    spec.dimensions.push_back({size.get<std::int64_t>(), ""});
  }
  return spec;
}

std::optional<std::vector<TensorSpec>> parse_inputs(const std::string& text) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return {};
  std::vector<TensorSpec> inputs;
  for (const json& item : list) {
    std::optional<TensorSpec> spec = parse_input(item);
    if (!spec) return {};
    inputs.push_back(std::move(*spec));
  }
  return inputs;
}

std::optional<std::vector<std::string>> parse_names(const std::string& text) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return {};
  std::vector<std::string> names;
  for (const json& item : list) {
    if (!item.is_string()) return {};
    names.push_back(item.get<std::string>());
  }
  return names;
}

std::size_t count(const json& node) {
  if (node.is_object() && node.contains("type") && node["type"].is_null()) return 1;
  std::size_t leaves = 0;
  if (node.is_object() && node.contains("children_spec")) {
    for (const json& child : node["children_spec"]) leaves += count(child);
  }
  return leaves;
}

}  // namespace

Result<Metadata> parse_metadata(const std::unordered_map<std::string, std::string>& entries) {
  Metadata metadata;
  if (const std::string& text = entry(entries, "podium.inputs"); !text.empty()) {
    metadata.inputs = parse_inputs(text);
    if (!metadata.inputs) return wrong_entry("podium.inputs", text);
  }
  if (const std::string& text = entry(entries, "podium.outputs"); !text.empty()) {
    auto names = parse_names(text);
    if (!names) return wrong_entry("podium.outputs", text);
    metadata.outputs = std::move(*names);
  }
  if (const std::string& text = entry(entries, "podium.precision"); !text.empty()) {
    metadata.precision = parse_precision(text);
    if (!metadata.precision) return wrong_entry("podium.precision", text);
  }
  metadata.device = entry(entries, "AOTI_DEVICE_KEY");
  metadata.machine = entry(entries, "AOTI_MACHINE");
  metadata.isa = entry(entries, "AOTI_CPU_ISA");
  return metadata;
}

std::optional<std::size_t> count_leaves(const std::string& call_spec) {
  // [version of the format, root]
  const json spec = json::parse(call_spec, nullptr, false);
  if (!spec.is_array() || spec.size() != 2 || !spec[1].is_object()) return {};
  return count(spec[1]);
}

}  // namespace podium::aotinductor
