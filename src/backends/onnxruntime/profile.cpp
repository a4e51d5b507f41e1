#include "backends/onnxruntime/profile.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "backends/onnxruntime/element_types.h"
#include "core/files.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

constexpr std::size_t largest_profile = std::size_t{256} << 20;

/// The type a node computes in: that of its first input, or of its output where it has none.
std::string compute_type(const nlohmann::json& arguments) {
  for (const char* key : {"input_type_shape", "output_type_shape"}) {
    const auto tensors = arguments.find(key);
    if (tensors == arguments.end() || !tensors->is_array()) continue;
    for (const auto& tensor : *tensors) {
      if (tensor.is_object() && !tensor.empty()) return std::string(podium_name(tensor.begin().key()));
    }
  }
  return "unknown";
}

bool is_node_event(const nlohmann::json& event) {
  return event.is_object() && event.value("cat", "") == "Node" && event.value("name", "").ends_with("_kernel_time") &&
         event.contains("args");
}

}  // namespace

Result<Audit> read_profile(const std::filesystem::path& file, const std::string& asked_provider) {
  const Result<std::string> text = read_text_file(file, largest_profile);
  if (!text) return tl::unexpected(text.error());
  const auto events = nlohmann::json::parse(*text, nullptr, false);
  if (!events.is_array()) return fail(ErrorCode::failed, "ONNX Runtime wrote a profile that is not a JSON array");
  Audit audit;
  std::set<std::string> seen;  // a node in a loop has an event for each turn
  std::int64_t elsewhere = 0;
  for (const auto& event : events) {
    if (!is_node_event(event) || !seen.insert(event["name"].get<std::string>() + event["args"].value("node_index", "")).second) continue;
    const auto& arguments = event["args"];
    const std::string provider = arguments.value("provider", "unknown");
    ++audit.providers[printable(provider)];
    ++audit.compute_types[printable(compute_type(arguments))];
    if (provider != asked_provider) ++elsewhere;
  }
  if (!seen.empty()) audit.fallback_share = static_cast<double>(elsewhere) / static_cast<double>(seen.size());
  return audit;
}

}  // namespace podium::onnxruntime
