#include "onnx/opset.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/graph_copy.h"
#include "onnx/graph_walk.h"
#include "onnx/opset/rules.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_types.h"
#include "onnx/whole_model.h"

namespace podium::onnx {

namespace {

using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using Names = std::unordered_set<std::string>;

constexpr const char* remedy = "export the model in the operator set that is wanted";

struct Way {
  std::int64_t from = 0;
  std::int64_t to = 0;
  [[nodiscard]] bool rises() const noexcept { return to > from; }
};

/// The operator set and the first IR version that knows it (onnx.helper.VERSION_TABLE). Never below 4, from which on an initializer need
/// not be an input too.
constexpr std::pair<std::int64_t, std::int64_t> ir_versions[] = {{28, 14}, {25, 13}, {24, 12}, {23, 11}, {21, 10},
                                                                 {19, 9},  {15, 8},  {12, 7},  {11, 6},  {10, 5}};

std::int64_t ir_version_of(std::int64_t opset) {
  for (const auto& [first, ir_version] : ir_versions) {
    if (opset >= first) return ir_version;
  }
  return 4;
}

Result<void> check_way(const ModelProto& model, const Way& way) {
  const auto refuse = [&way](const std::string& why) {
    return fail(ErrorCode::unsupported,
                fmt::format("the model in operator set {} cannot be rewritten in operator set {}: {}", way.from, way.to, why), remedy);
  };
  if (way.from < oldest_opset || way.from > newest_opset)
    return refuse(fmt::format("Podium reads operator sets {} to {}", oldest_opset, newest_opset));
  const bool is_written = way.to <= newest_opset && (way.rises() ? way.to >= oldest_opset : way.to >= oldest_lowered_opset);
  if (!is_written) return refuse(fmt::format("Podium writes operator sets {} to {}", oldest_lowered_opset, newest_opset));
  if (model.functions_size() > 0) return refuse("it has functions of its own");
  return {};
}

/// Element types are no part of the rules; what a model stores or casts to must be known in the new version.
Result<void> check_types(const GraphProto& graph, const Way& way) {
  Result<void> checked;
  const auto check = [&](int type, const std::string& where) {
    const std::int64_t first = first_version_of_type(type);
    if (!checked || way.to >= first) return;
    const std::optional<ElementType> known = element_type(type);
    checked = fail(ErrorCode::unsupported,
                   fmt::format("{} is {}, which operator set {} does not have (the model is in {}); it came with {}", where,
                               known ? known->name : "of an unknown type", way.to, way.from, first),
                   remedy);
  };
  for_each_stored_tensor(graph,
                         [&](const auto& tensor) { check(tensor.data_type(), fmt::format("tensor '{}'", shown_name(tensor.name()))); });
  for_each_graph(graph, [&](const GraphProto& inner) {
    for (const auto& input : inner.input()) {
      check(input.type().tensor_type().elem_type(), fmt::format("input '{}'", shown_name(input.name())));
    }
    for (const NodeProto& node : inner.node()) {
      if (!is_standard(node) || node.op_type() != "Cast") continue;
      check(static_cast<int>(integer_attribute(node, "to", 0)), fmt::format("the result of node '{}' (Cast)", shown_name(node.name())));
    }
  });
  return checked;
}

Result<void> check_choices(const NodeProto& node, std::int64_t version) {
  for (const NewChoice& choice : new_choices()) {
    const bool applies = choice.version == version && choice.op_type == node.op_type();
    if (applies && text_attribute(node, choice.attribute) == choice.value)
      return fail(ErrorCode::unsupported, fmt::format("its {} is '{}'", choice.attribute, choice.value));
  }
  return {};
}

template <typename Rules, typename Apply>
Result<void> apply_rules(const Rules& rules, const NodeProto& node, std::int64_t version, const Apply& apply) {
  for (const auto& rule : rules) {
    if (rule.version != version || rule.op_type != node.op_type()) continue;
    if (Result<void> applied = apply(rule); !applied) return applied;
  }
  return {};
}

/// Applies a rule to a node that has what the rule takes for given.
Result<void> apply(Rewrite rewrite, const OpsetRule& rule, OpsetScope& scope, NodeProto& node) {
  if (rewrite == nullptr) return {};
  bool is_whole = node.output_size() > 0 && !node.output(0).empty();
  for (int i = 0; i < rule.inputs; ++i) is_whole = is_whole && has_input(node, i);
  if (!is_whole) return fail(ErrorCode::bad_input, "it has fewer inputs or outputs than it needs");
  return rewrite(scope, node);
}

Result<void> raise(OpsetScope& scope, NodeProto& node, std::int64_t version) {
  Result<void> done = apply_rules(moved_attributes(), node, version, [&](const auto& rule) { return raise_attribute(scope, node, rule); });
  if (!done) return done;
  return apply_rules(structural_rules(), node, version, [&](const auto& rule) { return apply(rule.raise, rule, scope, node); });
}

Result<void> lower(OpsetScope& scope, NodeProto& node, std::int64_t version) {
  const auto lower_by = [&](const OpsetRule& rule) { return apply(rule.lower, rule, scope, node); };
  const auto is_composed = [&](const OpsetRule& rule) { return rule.version == version && rule.op_type == node.op_type(); };
  Result<void> done = check_choices(node, version);
  if (done) done = apply_rules(new_attributes(), node, version, [&](const auto& rule) { return drop_attribute(node, rule); });
  if (done) done = apply_rules(structural_rules(), node, version, lower_by);
  if (done) done = apply_rules(moved_attributes(), node, version, [&](const auto& rule) { return lower_attribute(scope, node, rule); });
  if (!done) return done;
  const auto rules = composed_rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), is_composed);
  if (rule != rules.end()) return lower_by(*rule);
  if (first_version(node.op_type()) == version) return fail(ErrorCode::unsupported, fmt::format("it came with operator set {}", version));
  return {};
}

Error about(const NodeProto& node, const Way& way, Error why) {
  why.message = fmt::format("node '{}' ({}) has no equal in operator set {} (the model is in {}): {}", shown_name(node.name()),
                            shown_name(node.op_type()), way.to, way.from, why.message);
  why.remedy = remedy;
  return why;
}

Result<void> step(OpsetScope& scope, std::int64_t version, const Way& way) {
  for (NodeProto* node : scope.edit().nodes()) {
    if (!is_standard(*node)) continue;
    const Result<void> done = way.rises() ? raise(scope, *node, version) : lower(scope, *node, version);
    if (!done) return tl::unexpected(about(*node, way, done.error()));
  }
  return {};
}

Result<void> convert_graph(GraphProto& graph, const OpsetScope* outer, Names& names, const Way& way) {
  OpsetScope scope(graph, outer, names);
  for (NodeProto& node : *graph.mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        if (Result<void> done = convert_graph(*attribute.mutable_g(), &scope, names, way); !done) return done;
      }
      for (GraphProto& inner : *attribute.mutable_graphs()) {
        if (Result<void> done = convert_graph(inner, &scope, names, way); !done) return done;
      }
    }
  }
  if (way.rises()) {
    for (std::int64_t version = way.from + 1; version <= way.to; ++version) {
      if (Result<void> done = step(scope, version, way); !done) return done;
    }
  } else {
    for (std::int64_t version = way.from; version > way.to; --version) {
      if (Result<void> done = step(scope, version, way); !done) return done;
    }
  }
  return scope.edit().finish();
}

Names all_names(const GraphProto& graph) {
  Names names;
  for_each_graph(graph, [&names](const GraphProto& inner) {
    for (const auto& tensor : inner.initializer()) names.insert(tensor.name());
    for (const auto* values : {&inner.input(), &inner.output(), &inner.value_info()}) {
      for (const auto& value : *values) names.insert(value.name());
    }
    for (const NodeProto& node : inner.node()) {
      names.insert(node.name());
      names.insert(node.input().begin(), node.input().end());
      names.insert(node.output().begin(), node.output().end());
    }
  });
  return names;
}

void set_opset(ModelProto& model, std::int64_t version) {
  if (model.ir_version() < 4) drop_inputs_with_initializers(*model.mutable_graph());
  model.set_ir_version(ir_version_of(version));
  for (auto& opset : *model.mutable_opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    opset.set_version(version);
    return;
  }
  model.add_opset_import()->set_version(version);
}

}  // namespace

Result<void> convert_opset(ModelProto& model, std::int64_t version) {
  const Way way{opset_of(model), version};
  if (way.from == way.to) return {};
  if (Result<void> possible = check_way(model, way); !possible) return possible;
  GraphProto& graph = *model.mutable_graph();
  if (!way.rises()) {
    if (Result<void> possible = check_types(graph, way); !possible) return possible;
  }
  // The work is done on a copy, so that a failure leaves the model as it was; the weights are lent to it.
  GraphProto work;
  copy_without_initializers(graph, work);
  const int initializers = graph.initializer_size();
  work.mutable_initializer()->Swap(graph.mutable_initializer());
  Names names = all_names(work);
  const Result<void> done = convert_graph(work, nullptr, names, way);
  if (!done) {
    work.mutable_initializer()->DeleteSubrange(initializers, work.initializer_size() - initializers);
    work.mutable_initializer()->Swap(graph.mutable_initializer());
    return done;
  }
  graph.Swap(&work);
  set_opset(model, version);
  return {};
}

}  // namespace podium::onnx
