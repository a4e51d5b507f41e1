#include "convert/half/rewrite.h"

#include <algorithm>
#include <utility>

#include "convert/half/forms.h"
#include "convert/half/range.h"
#include "onnx/graph_edit.h"
#include "onnx/graph_walk.h"
#include "onnx/tensor_types.h"

namespace podium::convert::half {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
using Nodes = google::protobuf::RepeatedPtrField<NodeProto>;

AttributeProto* attribute_of(NodeProto& node, const std::string& name) {
  for (AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

void set_cast_type(NodeProto& node, int type) {
  AttributeProto* to = attribute_of(node, "to");
  if (to == nullptr) to = node.add_attribute();
  to->set_name("to");
  to->set_type(AttributeProto::INT);
  to->set_i(type);
}

/// Writes one graph, and those inside its nodes, anew.
class Writer {
 public:
  Writer(Forms& forms, DataType type, const Progress& progress, std::int64_t weights, Rewritten& done)
      : forms_(forms), type_(type), number_(onnx::element_number(type)), progress_(progress), all_weights_(weights), done_(done) {}

  [[nodiscard]] Result<void> write(Scope& scope) {
    Nodes nodes;
    if (auto stored = write_weights(scope); !stored) return stored;
    write_declarations(scope);
    for (const Value* value : Forms::in_order(scope)) {
      const bool at_front = value->origin == Origin::input || (value->origin == Origin::stored && value->stored == nullptr);
      if (at_front && value->is_float()) add_other_form(scope, *value, nodes);
    }
    for (Step& step : scope.steps()) {
      if (auto written = write_step(scope, step, nodes); !written) return written;
    }
    scope.graph().mutable_node()->Swap(&nodes);
    onnx::GraphEdit edit(scope.graph());
    edit.remove_dead();
    return edit.finish();
  }

 private:
  [[nodiscard]] int number_of(Form form) const noexcept { return form == Form::wide ? static_cast<int>(TensorProto::FLOAT) : number_; }

  [[nodiscard]] Result<void> write_weights(Scope& scope) {
    std::vector<TensorProto> added;
    for (TensorProto& tensor : *scope.graph().mutable_initializer()) {
      if (progress_.is_cancelled()) return fail(ErrorCode::cancelled, "the conversion was stopped");
      progress_.on_step("converting weights", ++weights_done_, all_weights_);
      Value* value = scope.own(tensor.name());
      if (value == nullptr || !value->is_float() || value->stored != &tensor || !value->narrow_read) continue;
      Result<TensorProto> narrow = narrowed(tensor, value->narrow_name, type_);
      if (!narrow) return tl::unexpected(std::move(narrow.error()));
      if (value->wide_read) {
        tensor.set_name(value->wide_name);
        added.push_back(std::move(*narrow));
      } else {
        tensor.Swap(&*narrow);
      }
    }
    for (TensorProto& tensor : added) scope.graph().add_initializer()->Swap(&tensor);
    return {};
  }

  /// Inputs, outputs and declared values have the type of the form that keeps their name.
  void write_declarations(Scope& scope) {
    GraphProto& graph = scope.graph();
    for (auto* values : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
      for (::onnx::ValueInfoProto& declared : *values) {
        const Value* value = scope.own(declared.name());
        if (value == nullptr || !value->is_float()) continue;
        if (forms_.own_form(scope, *value) == Form::narrow) declared.mutable_type()->mutable_tensor_type()->set_elem_type(number_);
      }
    }
    for (::onnx::ValueInfoProto& output : *graph.mutable_output()) {  // one from around may have another name now
      if (scope.own(output.name()) == nullptr) output.set_name(forms_.name_of(scope, output.name(), Form::wide));
    }
  }

  [[nodiscard]] Result<void> write_step(Scope& scope, Step& step, Nodes& nodes) {
    if (forms_.is_bypassed(step)) {
      ++done_.casts_removed;
      return {};
    }
    for (const auto& inner : step.inner) {
      if (auto written = write(*inner); !written) return written;
    }
    const Value* cast = Forms::recast(scope, step);
    const Value* constant = constant_of(scope, *step.node);
    for (int i = 0; i < step.node->input_size(); ++i) step.node->set_input(i, forms_.input_name(scope, step, i));
    if (constant != nullptr) return write_constant(scope, *step.node, *constant, nodes);
    if (cast == nullptr) return write_node(scope, step, nodes);
    write_recast(*step.node, *cast, nodes);
    return {};
  }

  /// The float32 value that a Constant stores; null for other nodes.
  [[nodiscard]] static const Value* constant_of(Scope& scope, const NodeProto& node) {
    if (node.op_type() != "Constant" || node.output_size() != 1) return nullptr;
    const Value* value = scope.own(node.output(0));
    return value != nullptr && value->stored != nullptr && value->is_float() ? value : nullptr;
  }

  [[nodiscard]] Result<void> write_constant(Scope& scope, NodeProto& node, const Value& value, Nodes& nodes) {
    if (value.narrow_read) {
      Result<TensorProto> narrow = narrowed(*value.stored, value.narrow_name, type_);
      if (!narrow) return tl::unexpected(std::move(narrow.error()));
      scope.graph().add_initializer()->Swap(&*narrow);
    }
    if (!value.wide_read) return {};
    node.set_output(0, value.wide_name);
    nodes.Add()->Swap(&node);
    return {};
  }

  void write_recast(NodeProto& node, const Value& value, Nodes& nodes) {
    const NodeProto original = node;
    for (const Form form : {Form::wide, Form::narrow}) {
      const bool read = form == Form::wide ? value.wide_read : value.narrow_read && !forms_.is_there(value);
      if (!read) continue;
      NodeProto& written = *nodes.Add();
      written = original;
      written.set_output(0, Forms::name(value, form));
      set_cast_type(written, number_of(form));
      if (form == Form::narrow && value.wide_read)
        written.set_name(forms_.unique(original.name() + "_to_" + std::string(to_string(type_))));
    }
  }

  [[nodiscard]] Result<void> write_node(Scope& scope, Step& step, Nodes& nodes) {
    std::vector<const Value*> made;
    for (const Argument& output : float_outputs(scope, step)) {
      made.push_back(output.value);
      step.node->set_output(output.index, Forms::name(*output.value, output.value->is_narrow ? Form::narrow : Form::wide));
    }
    if (step.is_narrow && step.node->op_type() == "ConstantOfShape") {
      if (auto narrow = narrow_fill(*step.node); !narrow) return narrow;
    }
    nodes.Add()->Swap(step.node);
    for (const Value* value : made) add_other_form(scope, *value, nodes);
    return {};
  }

  [[nodiscard]] Result<void> narrow_fill(NodeProto& node) {
    AttributeProto* fill = attribute_of(node, "value");
    TensorProto zero;
    zero.set_data_type(TensorProto::FLOAT);
    zero.add_dims(1);
    zero.add_float_data(0.0F);
    Result<TensorProto> narrow = narrowed(fill == nullptr ? zero : fill->t(), "", type_);
    if (!narrow) return tl::unexpected(std::move(narrow.error()));
    if (fill == nullptr) fill = node.add_attribute();
    fill->set_name("value");
    fill->set_type(AttributeProto::TENSOR);
    fill->mutable_t()->Swap(&*narrow);
    return {};
  }

  /// A Cast to the form that a value is not made in, where something reads it.
  void add_other_form(Scope& scope, const Value& value, Nodes& nodes) {
    const bool is_made_narrow = value.origin == Origin::input ? forms_.own_form(scope, value) == Form::narrow : value.is_narrow;
    const Form from = is_made_narrow ? Form::narrow : Form::wide;
    const Form to = is_made_narrow ? Form::wide : Form::narrow;
    if (to == Form::wide ? !value.wide_read : !value.narrow_read) return;
    NodeProto& cast = *nodes.Add();
    cast.set_op_type("Cast");
    cast.set_name(forms_.unique("Cast_to_" + Forms::name(value, to)));
    cast.add_input(Forms::name(value, from));
    cast.add_output(Forms::name(value, to));
    set_cast_type(cast, number_of(to));
    ++done_.casts_added;
  }

  Forms& forms_;
  DataType type_;
  int number_;
  const Progress& progress_;
  std::int64_t weights_done_ = 0;
  std::int64_t all_weights_;
  Rewritten& done_;
};

}  // namespace

Result<Rewritten> rewrite(Scope& model, DataType type, bool narrow_io, const Progress& progress) {
  std::int64_t weights = 0;
  onnx::for_each_graph(model.graph(), [&weights](const GraphProto& graph) { weights += graph.initializer_size(); });
  Forms forms(model, type, narrow_io);
  Rewritten done;
  if (auto written = Writer(forms, type, progress, weights, done).write(model); !written) return tl::unexpected(written.error());
  return done;
}

}  // namespace podium::convert::half
