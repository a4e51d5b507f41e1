#include "convert/half.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "convert/half/activation_ranges.h"
#include "convert/half/node_groups.h"
#include "convert/half/policy.h"
#include "convert/half/rewrite.h"
#include "convert/quantize.h"
#include "onnx/graph_edit.h"
#include "onnx/graph_walk.h"
#include "onnx/opset.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"
#include "onnx/whole_model.h"

namespace podium::convert {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;

constexpr std::int64_t oldest_opset = 7;          ///< before it, broadcasting was an attribute
constexpr std::int64_t full_bfloat16_opset = 22;  ///< the first in which convolutions and pooling have bfloat16
constexpr std::int64_t oldest_ir = 4;             ///< the first in which weights need not be inputs

/// Single numbers that a Constant holds in an attribute of its own, as a tensor like others.
void store_as_tensor(NodeProto& node) {
  if (node.op_type() != "Constant") return;
  for (AttributeProto& attribute : *node.mutable_attribute()) {
    const bool is_list = attribute.name() == "value_floats";
    if (!is_list && attribute.name() != "value_float") continue;
    const std::vector<float> values =
        is_list ? std::vector<float>(attribute.floats().begin(), attribute.floats().end()) : std::vector<float>{attribute.f()};
    const Shape shape = is_list ? Shape{static_cast<std::int64_t>(values.size())} : Shape{};
    AttributeProto tensor;
    tensor.set_name("value");
    tensor.set_type(AttributeProto::TENSOR);
    *tensor.mutable_t() = onnx::float_tensor("", shape, values);
    attribute.Swap(&tensor);
  }
}

/// A graph and those inside its nodes in the form that the rest relies on: nodes in order and named, no weight among the inputs.
Result<void> prepare(GraphProto& graph) {
  for (NodeProto& node : *graph.mutable_node()) {
    store_as_tensor(node);
    for (AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        if (auto prepared = prepare(*attribute.mutable_g()); !prepared) return prepared;
      }
      for (GraphProto& inner : *attribute.mutable_graphs()) {
        if (auto prepared = prepare(inner); !prepared) return prepared;
      }
    }
  }
  std::unordered_set<std::string> weights;
  for (const auto& tensor : graph.initializer()) weights.insert(tensor.name());
  auto& inputs = *graph.mutable_input();
  inputs.erase(std::remove_if(inputs.begin(), inputs.end(), [&](const auto& input) { return weights.contains(input.name()); }),
               inputs.end());
  name_nodes(graph);
  return onnx::GraphEdit(graph).finish();
}

Result<void> check(const ModelProto& model, const HalfRequest& request) {
  if (request.type != DataType::float16 && request.type != DataType::bfloat16) {
    return fail(ErrorCode::wrong_use, fmt::format("half precision is float16 or bfloat16, not {}", to_string(request.type)),
                "give --to fp16 or --to bf16");
  }
  const std::int64_t opset = onnx::opset_of(model);
  if (opset >= oldest_opset) return {};
  return fail(ErrorCode::unsupported, fmt::format("the model is of operator set {}; half precision needs {} or newer", opset, oldest_opset),
              "export the model again with a newer operator set");
}

/// Operators that had no bfloat16 in the model's own operator set may have it in a newer one.
void raise_opset(ModelProto& model, std::vector<std::string>& notes) {
  const std::int64_t opset = onnx::opset_of(model);
  if (opset >= full_bfloat16_opset) return;
  if (const auto raised = onnx::convert_opset(model, full_bfloat16_opset); !raised) {
    notes.push_back(fmt::format("operator set {} was kept, in which some operators have no bfloat16: {}", opset, raised.error().message));
  } else {
    notes.push_back(
        fmt::format("operator set {} was raised to {}, in which convolutions and pooling have bfloat16", opset, full_bfloat16_opset));
  }
}

Halved report_on(half::Scope& scope, DataType type, std::vector<std::string> notes) {
  Halved made;
  ConversionReport& report = made.report;
  report.to = type == DataType::float16 ? Precision::fp16 : Precision::bf16;
  report.notes = std::move(notes);
  made.groups = half::node_groups(scope);
  half::for_each_step(scope, [&](half::Scope& around, half::Step& step) {
    const half::Role role = step.role();
    if (step.is_narrow) ++report.converted;
    const bool told = role != half::Role::reader && role != half::Role::compare && role != half::Role::branch;
    const bool computes = told && step.node->op_type() != "Constant" && half::touches_float(around, step);
    if (computes && !step.is_narrow && !step.wide_because.empty()) report.left_wide.emplace(step.node->name(), step.wide_because);
  });
  return made;
}

Result<void> check_converted(const ConversionReport& report) {
  if (report.converted > 0) return {};
  const std::string type(to_string(report.to));
  if (report.left_wide.empty())
    return fail(ErrorCode::unsupported, fmt::format("the model computes nothing in float32 that {} could take over", type),
                "choose another precision");
  const auto& [node, why] = *report.left_wide.begin();
  return fail(ErrorCode::unsupported,
              fmt::format("no node of the model can compute in {}: '{}' stays float32, since {}{}", type, onnx::shown_name(node), why,
                          report.left_wide.size() > 1 ? fmt::format("; so do {} others", report.left_wide.size() - 1) : ""),
              "choose another precision, or exclude less");
}

std::int64_t count_nodes(const GraphProto& graph) {
  std::int64_t nodes = 0;
  onnx::for_each_graph(graph, [&nodes](const GraphProto& inner) { nodes += inner.node_size(); });
  return nodes;
}

}  // namespace

Result<Halved> to_half(ModelProto& model, const HalfRequest& request, ActivationSource* source, const Progress& progress) {
  if (auto checked = check(model, request); !checked) return tl::unexpected(checked.error());
  std::vector<std::string> notes;
  if (request.type == DataType::bfloat16) raise_opset(model, notes);
  if (auto prepared = prepare(*model.mutable_graph()); !prepared) return tl::unexpected(prepared.error());
  model.set_ir_version(std::max<std::int64_t>(model.ir_version(), oldest_ir));

  half::Scope scope(*model.mutable_graph());
  const half::Policy policy{request.type,  onnx::opset_of(model), !request.keep_io,
                            &request.wide, &request.known_wide,   request.convert_islands};
  if (auto kept = half::keep_wide(scope, policy, notes); !kept) return tl::unexpected(kept.error());
  if (source != nullptr) {
    if (auto kept = half::keep_out_of_range_wide(model, scope, request.type, *source, progress); !kept) return tl::unexpected(kept.error());
  }
  half::decide(scope, policy);
  Halved made = report_on(scope, request.type, std::move(notes));
  if (auto converted = check_converted(made.report); !converted) return tl::unexpected(converted.error());

  const auto rewritten = half::rewrite(scope, request.type, policy.narrow_io, progress);
  if (!rewritten) return tl::unexpected(rewritten.error());
  made.report.notes.push_back(fmt::format("{} Casts were added between float32 and {}, {} of the model's own were left out",
                                          rewritten->casts_added, to_string(request.type), rewritten->casts_removed));
  made.report.nodes = count_nodes(model.graph());
  return made;
}

}  // namespace podium::convert
