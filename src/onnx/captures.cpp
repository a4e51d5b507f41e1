#include "onnx/captures.h"

#include <set>

namespace podium::onnx {

namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;
using Names = std::set<std::string>;

void add_captures(const NodeProto& node, Names& captured);

void add_captures(const GraphProto& graph, Names& captured) {
  Names read;
  for (const NodeProto& node : graph.node()) {
    read.insert(node.input().begin(), node.input().end());
    add_captures(node, read);
  }
  for (const auto& output : graph.output()) read.insert(output.name());

  for (const auto& input : graph.input()) read.erase(input.name());
  for (const auto& tensor : graph.initializer()) read.erase(tensor.name());
  for (const auto& tensor : graph.sparse_initializer()) read.erase(tensor.values().name());
  for (const NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) read.erase(output);
  }
  read.erase("");  // an optional input that is not given
  captured.merge(read);
}

void add_captures(const NodeProto& node, Names& captured) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) add_captures(attribute.g(), captured);
    for (const GraphProto& graph : attribute.graphs()) add_captures(graph, captured);
  }
}

}  // namespace

std::vector<std::string> captures_of(const NodeProto& node) {
  Names captured;
  add_captures(node, captured);
  return {captured.begin(), captured.end()};
}

}  // namespace podium::onnx
