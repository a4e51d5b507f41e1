#pragma once

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// Calls `visit(graph)` for a graph and all graphs inside its nodes. The depth was bounded when the file was read.
template <typename Visit>
void for_each_graph(const ::onnx::GraphProto& graph, Visit&& visit) {
  visit(graph);
  for (const ::onnx::NodeProto& node : graph.node()) {
    for (const ::onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) for_each_graph(attribute.g(), visit);
      for (const ::onnx::GraphProto& inner : attribute.graphs()) for_each_graph(inner, visit);
    }
  }
}

/// Calls `visit(tensor)` for every tensor that the model stores: initializers, and values of Constant nodes.
template <typename Visit>
void for_each_stored_tensor(const ::onnx::GraphProto& graph, Visit&& visit) {
  for_each_graph(graph, [&visit](const ::onnx::GraphProto& inner) {
    for (const ::onnx::TensorProto& tensor : inner.initializer()) visit(tensor);
    for (const ::onnx::SparseTensorProto& tensor : inner.sparse_initializer()) visit(tensor.values());
    for (const ::onnx::NodeProto& node : inner.node()) {
      for (const ::onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.has_t()) visit(attribute.t());
      }
    }
  });
}

}  // namespace podium::onnx
