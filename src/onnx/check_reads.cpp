#include "onnx/check_reads.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_set>

#include "onnx/shown_name.h"

namespace podium::onnx {
namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;

constexpr const char* remedy = "export the model again";

/// The values of a graph, and those of the graphs around it.
class Values {
 public:
  Values(const GraphProto& graph, const Values* around) : around_(around) {
    for (const auto& input : graph.input()) made_.insert(input.name());
    for (const auto& tensor : graph.initializer()) made_.insert(tensor.name());
    for (const auto& tensor : graph.sparse_initializer()) made_.insert(tensor.values().name());
    for (const NodeProto& node : graph.node()) made_.insert(node.output().begin(), node.output().end());
  }

  [[nodiscard]] bool has(std::string_view name) const { return made_.contains(name) || (around_ != nullptr && around_->has(name)); }

 private:
  std::unordered_set<std::string_view> made_;  // lent by the graph
  const Values* around_;
};

Result<void> check_made_once(const GraphProto& graph) {
  std::unordered_set<std::string_view> made;
  for (const auto& input : graph.input()) made.insert(input.name());
  for (const auto& tensor : graph.initializer()) made.insert(tensor.name());  // may be an input, too
  for (const NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) {
      if (output.empty() || made.insert(output).second) continue;
      return fail(ErrorCode::bad_input, fmt::format("the model's value '{}' is made twice", shown_name(output)), remedy);
    }
  }
  return {};
}

Result<void> check_graph(const GraphProto& graph, const Values* around);

Result<void> check_node(const NodeProto& node, const Values& values) {
  for (const std::string& input : node.input()) {
    if (input.empty() || values.has(input)) continue;
    return fail(ErrorCode::bad_input,
                fmt::format("the model's node '{}' ({}) reads '{}', which nothing in it makes", shown_name(node.name()),
                            shown_name(node.op_type()), shown_name(input)),
                remedy);
  }
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) {
      if (Result<void> checked = check_graph(attribute.g(), &values); !checked) return checked;
    }
    for (const GraphProto& inner : attribute.graphs()) {
      if (Result<void> checked = check_graph(inner, &values); !checked) return checked;
    }
  }
  return {};
}

Result<void> check_graph(const GraphProto& graph, const Values* around) {
  if (Result<void> checked = check_made_once(graph); !checked) return checked;
  const Values values(graph, around);
  for (const NodeProto& node : graph.node()) {
    if (Result<void> checked = check_node(node, values); !checked) return checked;
  }
  for (const auto& output : graph.output()) {
    if (values.has(output.name())) continue;
    return fail(ErrorCode::bad_input, fmt::format("the model's output '{}' is made by nothing in it", shown_name(output.name())), remedy);
  }
  return {};
}

}  // namespace

Result<void> check_reads(const GraphProto& graph) {
  return check_graph(graph, nullptr);
}

}  // namespace podium::onnx
