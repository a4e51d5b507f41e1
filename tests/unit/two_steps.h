#pragma once

#include <cstdint>

#include "onnx-ml.pb.h"

namespace podium::test {

inline constexpr std::int64_t two_steps_width = 4;

/// x → Relu → a → Neg → b
inline ::onnx::ModelProto two_steps() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  ::onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("two steps");
  const auto declare = [](::onnx::ValueInfoProto& value, const char* name) {
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(::onnx::TensorProto::FLOAT);
    tensor.mutable_shape()->add_dim()->set_dim_param("batch");
    tensor.mutable_shape()->add_dim()->set_dim_value(two_steps_width);
  };
  declare(*graph.add_input(), "x");
  declare(*graph.add_output(), "b");
  const auto chain = [&graph](const char* type, const char* from, const char* to) {
    ::onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.add_input(from);
    node.add_output(to);
  };
  chain("Relu", "x", "a");
  chain("Neg", "a", "b");
  return model;
}

}  // namespace podium::test
