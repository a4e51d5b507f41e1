#include "convert/half/rounded.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>
#include <vector>

#include "convert/half/scope.h"
#include "onnx/attributes.h"
#include "onnx/graph_edit.h"
#include "onnx/graph_walk.h"
#include "onnx/tensor_data.h"

namespace podium::convert::half {
namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
using Nodes = google::protobuf::RepeatedPtrField<NodeProto>;

bool is_half(int type) {
  return type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
}

Result<void> widen(TensorProto& tensor) {
  if (!is_half(tensor.data_type())) return {};
  const Result<std::vector<float>> values = onnx::floats_of(tensor);
  if (!values) return tl::unexpected(values.error());
  tensor = onnx::float_tensor(tensor.name(), onnx::shape_of(tensor), *values);
  return {};
}

class Rounder {
 public:
  explicit Rounder(const GraphProto& graph) {
    onnx::for_each_graph(graph, [this](const GraphProto& inner) {
      for (const NodeProto& node : inner.node()) {
        names_.insert(node.name());
        names_.insert(node.output().begin(), node.output().end());
      }
      for (const auto& input : inner.input()) names_.insert(input.name());
      for (const TensorProto& tensor : inner.initializer()) names_.insert(tensor.name());
    });
  }

  [[nodiscard]] Result<void> write(Scope& scope) {
    GraphProto& graph = scope.graph();
    for (TensorProto& tensor : *graph.mutable_initializer()) {
      if (auto widened = widen(tensor); !widened) return widened;
    }
    for (auto* values : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
      for (::onnx::ValueInfoProto& declared : *values) {
        if (is_half(declared.type().tensor_type().elem_type())) {
          declared.mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
        }
      }
    }
    Nodes nodes;
    for (Step& step : scope.steps()) {
      for (const auto& inner : step.inner) {
        if (auto written = write(*inner); !written) return written;
      }
      if (auto written = write_node(scope, step, nodes); !written) return written;
    }
    graph.mutable_node()->Swap(&nodes);
    return onnx::GraphEdit(graph).finish();
  }

 private:
  [[nodiscard]] Result<void> write_node(Scope& scope, Step& step, Nodes& nodes) {
    NodeProto& node = *step.node;
    for (::onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (!attribute.has_t()) continue;
      if (auto widened = widen(*attribute.mutable_t()); !widened) return widened;
    }
    const bool is_branch = step.role() == Role::branch;  // what its graphs make is rounded in them
    const bool is_stored = node.op_type() == "Constant";
    const bool is_cast = node.op_type() == "Cast";
    struct Made {
      std::string computed;
      std::string name;  // that its readers know
      int type;
    };
    std::vector<Made> made;
    for (int i = 0; i < node.output_size() && !is_branch && !is_stored; ++i) {
      const Value* value = scope.own(node.output(i));
      if (value == nullptr || !is_half(value->type)) continue;
      made.push_back({unique(node.output(i) + (is_cast ? "_rounded" : "_exact")), node.output(i), value->type});
      node.set_output(i, made.back().computed);
    }
    nodes.Add()->Swap(&node);
    for (const auto& [computed, name, type] : made) {
      const std::string rounded = is_cast ? computed : unique(name + "_rounded");
      if (!is_cast) add_cast(nodes, computed, rounded, type);
      add_cast(nodes, rounded, name, TensorProto::FLOAT);
    }
    return {};
  }

  void add_cast(Nodes& nodes, const std::string& from, const std::string& to, int type) {
    NodeProto& cast = *nodes.Add();
    cast.set_op_type("Cast");
    cast.set_name(unique("Cast_to_" + to));
    cast.add_input(from);
    cast.add_output(to);
    onnx::set_integer_attribute(cast, "to", type);
  }

  [[nodiscard]] std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int number = 1; !names_.insert(name).second; ++number) name = fmt::format("{}_{}", wanted, number);
    return name;
  }

  std::unordered_set<std::string> names_;
};

}  // namespace

Result<::onnx::ModelProto> rounded_in_float32(const ::onnx::ModelProto& model) {
  ::onnx::ModelProto rounded = model;
  Scope scope(*rounded.mutable_graph());
  if (auto written = Rounder(rounded.graph()).write(scope); !written) return tl::unexpected(written.error());
  return rounded;
}

}  // namespace podium::convert::half
