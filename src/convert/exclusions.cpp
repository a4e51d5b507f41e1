#include "convert/exclusions.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "podium/names.h"

namespace podium::convert {

void add_excludable(const ::onnx::GraphProto& graph, std::set<std::string>& names) {
  for (const ::onnx::NodeProto& node : graph.node()) {
    names.insert(node.op_type());
    if (!node.name().empty()) names.insert(node.name());
    for (const ::onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) add_excludable(attribute.g(), names);
      for (const ::onnx::GraphProto& inner : attribute.graphs()) add_excludable(inner, names);
    }
  }
}

Result<void> check_exclusions(const std::set<std::string>& exclude, const std::set<std::string>& known) {
  const auto unknown = std::find_if(exclude.begin(), exclude.end(), [&](const std::string& name) { return !known.contains(name); });
  if (unknown == exclude.end()) return {};
  return fail(ErrorCode::wrong_use,
              fmt::format("--exclude {}: the model has no node and no operator type of that name{}", printable(*unknown),
                          did_you_mean(*unknown, {known.begin(), known.end()})),
              "name nodes or operator types as the model has them; --json lists the nodes that stay wide without it");
}

}  // namespace podium::convert
