#include <fmt/format.h>

#include <string>
#include <unordered_set>

#include "convert/quantize.h"

namespace podium::convert {

void name_nodes(::onnx::GraphProto& graph) {
  std::unordered_set<std::string> given;
  for (const ::onnx::NodeProto& node : graph.node()) given.insert(node.name());
  std::unordered_set<std::string> taken;
  int number = 0;
  for (::onnx::NodeProto& node : *graph.mutable_node()) {
    if (!node.name().empty() && taken.insert(node.name()).second) continue;
    std::string name;
    do {
      name = fmt::format("{}_{}", node.op_type(), number++);
    } while (!given.insert(name).second);
    taken.insert(name);
    node.set_name(name);
  }
}

}  // namespace podium::convert
