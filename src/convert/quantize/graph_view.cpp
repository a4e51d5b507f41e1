#include "convert/quantize/graph_view.h"

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/captures.h"

namespace podium::convert {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

GraphView::GraphView(const ::onnx::GraphProto& graph) : graph_(graph) {
  for (const TensorProto& tensor : graph.initializer()) constants_.emplace(tensor.name(), &tensor);
  for (const auto& output : graph.output()) outputs_.insert(output.name());
  const auto add_reader = [this](const std::string& value, const NodeProto& node) {
    std::vector<const NodeProto*>& readers = readers_[value];
    if (readers.empty() || readers.back() != &node) readers.push_back(&node);
  };
  for (const NodeProto& node : graph.node()) {
    for (const std::string& value : node.input()) {
      if (!value.empty()) add_reader(value, node);
    }
    for (const std::string& value : onnx::captures_of(node)) {
      captured_.insert(value);
      add_reader(value, node);
    }
    for (const std::string& value : node.output()) {
      if (!value.empty()) producers_.emplace(value, &node);
    }
    const auto* const value = node.op_type() == "Constant" ? onnx::find_attribute(node, "value") : nullptr;
    if (value != nullptr && value->has_t() && node.output_size() == 1) constants_.emplace(node.output(0), &value->t());
  }
}

const NodeProto* GraphView::producer(const std::string& value) const {
  const auto found = producers_.find(value);
  return found != producers_.end() ? found->second : nullptr;
}

const std::vector<const NodeProto*>& GraphView::readers(const std::string& value) const {
  static const std::vector<const NodeProto*> none;
  const auto found = readers_.find(value);
  return found != readers_.end() ? found->second : none;
}

const NodeProto* GraphView::only_reader(const std::string& value) const {
  const std::vector<const NodeProto*>& all = readers(value);
  return all.size() == 1 && !is_output(value) && !captured_.contains(value) ? all.front() : nullptr;
}

const TensorProto* GraphView::constant(const std::string& value) const {
  const auto found = constants_.find(value);
  return found != constants_.end() ? found->second : nullptr;
}

bool holds_graphs(const NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](const auto& attribute) { return attribute.has_g() || attribute.graphs_size() > 0; });
}

}  // namespace podium::convert
