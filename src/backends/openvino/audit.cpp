#include "backends/openvino/audit.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "backends/openvino/element_types.h"

namespace podium::openvino {
namespace {

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

}  // namespace

Audit audit_runtime_model(const ov::Model& runtime_model, Precision asked) {
  const std::string wanted = asked == Precision::bf16 ? "bfloat16" : "float32";
  Audit audit;
  std::int64_t floats = 0;
  std::int64_t others = 0;
  for (const auto& node : runtime_model.get_ops()) {
    if (!computes(*node)) continue;
    const std::string type = podium_name(property(*node, "runtimePrecision"));
    ++audit.providers["CPU"];
    ++audit.compute_types[type];
    if (type.find("float") == std::string::npos) continue;
    ++floats;
    if (type != wanted) ++others;
  }
  if (floats > 0) audit.fallback_share = static_cast<double>(others) / static_cast<double>(floats);
  return audit;
}

}  // namespace podium::openvino
