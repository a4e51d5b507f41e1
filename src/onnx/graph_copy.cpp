#include "onnx/graph_copy.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace podium::onnx {

void copy_without_initializers(const ::onnx::GraphProto& graph, ::onnx::GraphProto& copy) {
  *copy.mutable_node() = graph.node();
  if (graph.has_name()) copy.set_name(graph.name());
  *copy.mutable_sparse_initializer() = graph.sparse_initializer();
  if (graph.has_doc_string()) copy.set_doc_string(graph.doc_string());
  *copy.mutable_input() = graph.input();
  *copy.mutable_output() = graph.output();
  *copy.mutable_value_info() = graph.value_info();
  *copy.mutable_quantization_annotation() = graph.quantization_annotation();
  *copy.mutable_metadata_props() = graph.metadata_props();
}

void drop_inputs_with_initializers(::onnx::GraphProto& graph) {
  std::unordered_set<std::string> initializers;
  for (const auto& tensor : graph.initializer()) initializers.insert(tensor.name());
  auto& inputs = *graph.mutable_input();
  const auto kept = std::remove_if(inputs.begin(), inputs.end(), [&](const auto& input) { return initializers.contains(input.name()); });
  inputs.erase(kept, inputs.end());
}

}  // namespace podium::onnx
