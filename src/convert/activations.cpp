#include "convert/activations.h"

#include <fmt/format.h>

#include "onnx/graph_edit.h"
#include "onnx/shown_name.h"

namespace podium::convert {

namespace {

/// What the model says of a value; null where it says nothing.
const ::onnx::ValueInfoProto* declaration_of(const ::onnx::GraphProto& graph, const std::string& value) {
  for (const auto* declared : {&graph.output(), &graph.value_info(), &graph.input()}) {
    for (const ::onnx::ValueInfoProto& info : *declared) {
      if (info.name() == value) return &info;
    }
  }
  return nullptr;
}

::onnx::ValueInfoProto describe(const ::onnx::GraphProto& graph, const std::string& value) {
  ::onnx::ValueInfoProto info;
  info.set_name(value);
  const ::onnx::ValueInfoProto* declared = declaration_of(graph, value);
  const int type = declared != nullptr ? declared->type().tensor_type().elem_type() : 0;
  // Without a shape: what an exporter wrote there need not hold at the batch that is run.
  info.mutable_type()->mutable_tensor_type()->set_elem_type(type != 0 ? type : ::onnx::TensorProto::FLOAT);
  return info;
}

}  // namespace

Result<::onnx::ModelProto> with_outputs(const ::onnx::ModelProto& model, std::span<const std::string> values) {
  ::onnx::ModelProto copy = model;
  ::onnx::GraphProto& graph = *copy.mutable_graph();
  const onnx::GraphEdit values_of(graph);
  graph.clear_output();
  for (const std::string& value : values) {
    if (values_of.producer(value) == nullptr && !values_of.is_input(value) && values_of.initializer(value) == nullptr) {
      return fail(ErrorCode::wrong_use, fmt::format("the model has no value '{}' to look at", onnx::shown_name(value)),
                  "name an output of one of the model's nodes");
    }
    *graph.add_output() = describe(model.graph(), value);
  }
  onnx::GraphEdit edit(graph);
  edit.remove_dead();
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return copy;
}

}  // namespace podium::convert
