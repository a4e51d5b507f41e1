#include "onnx/graph_copy.h"

namespace podium::onnx {

void copy_without_initializers(const ::onnx::GraphProto& graph, ::onnx::GraphProto& copy) {
  *copy.mutable_node() = graph.node();
  copy.set_name(graph.name());
  *copy.mutable_sparse_initializer() = graph.sparse_initializer();
  if (graph.has_doc_string()) copy.set_doc_string(graph.doc_string());
  *copy.mutable_input() = graph.input();
  *copy.mutable_output() = graph.output();
  *copy.mutable_value_info() = graph.value_info();
  *copy.mutable_quantization_annotation() = graph.quantization_annotation();
  *copy.mutable_metadata_props() = graph.metadata_props();
}

}  // namespace podium::onnx
