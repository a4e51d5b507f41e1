#include "convert/half/forms.h"

#include <fmt/format.h>

#include "onnx/attributes.h"
#include "onnx/graph_walk.h"
#include "onnx/tensor_types.h"

namespace podium::convert::half {
namespace {

std::unordered_set<std::string> all_names(const ::onnx::GraphProto& graph) {
  std::unordered_set<std::string> names;
  onnx::for_each_graph(graph, [&names](const ::onnx::GraphProto& inner) {
    for (const auto& value : inner.input()) names.insert(value.name());
    for (const auto& tensor : inner.initializer()) names.insert(tensor.name());
    for (const auto& tensor : inner.sparse_initializer()) names.insert(tensor.values().name());
    for (const ::onnx::NodeProto& node : inner.node()) {
      names.insert(node.name());
      names.insert(node.output().begin(), node.output().end());
    }
  });
  return names;
}

bool is_cast(const Step& step) {
  return step.row != nullptr && step.row->type == "Cast" && step.node->input_size() == 1 && step.node->output_size() == 1;
}

void mark_read(Value& value, Form form) {
  (form == Form::wide ? value.wide_read : value.narrow_read) = true;
}

}  // namespace

Forms::Forms(Scope& model, DataType type, bool narrow_io)
    : number_(onnx::element_number(type)),
      suffix_(type == DataType::float16 ? "_fp16" : "_bf16"),
      narrow_io_(narrow_io),
      names_(all_names(model.graph())) {
  gather(model);
  give_names(model);
}

std::string Forms::unique(const std::string& wanted) {
  std::string name = wanted;
  for (int number = 1; !names_.insert(name).second; ++number) name = fmt::format("{}_{}", wanted, number);
  return name;
}

std::vector<Value*> Forms::in_order(Scope& scope) {
  std::vector<Value*> values;
  std::unordered_set<const Value*> listed;
  const auto list = [&](const std::string& name) {
    Value* value = scope.own(name);
    if (value != nullptr && listed.insert(value).second) values.push_back(value);
  };
  for (const auto& input : scope.graph().input()) list(input.name());
  for (const auto& tensor : scope.graph().initializer()) list(tensor.name());
  for (const auto& tensor : scope.graph().sparse_initializer()) list(tensor.values().name());
  for (const Step& step : scope.steps()) {
    for (const std::string& output : step.node->output()) list(output);
  }
  return values;
}

Value* Forms::recast(Scope& scope, const Step& step) {
  if (!is_cast(step) || !float_inputs(scope, step).empty()) return nullptr;
  Value* output = scope.own(step.node->output(0));
  return output != nullptr && output->is_float() ? output : nullptr;
}

Value* Forms::canonical(Value* value) const {
  for (auto found = same_.find(value); found != same_.end(); found = same_.find(value)) value = found->second;
  return value;
}

Form Forms::own_form(const Scope& scope, const Value& value) const {
  if (value.is_output || value.origin == Origin::input) return scope.is_top() && narrow_io_ ? Form::narrow : Form::wide;
  const bool either = value.stored != nullptr || (value.producer != nullptr && value.producer->op_type() == "Cast");
  if (either) return value.narrow_read && !value.wide_read ? Form::narrow : Form::wide;
  return value.is_narrow ? Form::narrow : Form::wide;
}

Form Forms::form_read(const Step& step, const Argument& input) const {
  if (step.is_narrow) return can_be_narrow(input.slot) ? Form::narrow : Form::wide;
  return step.role() == Role::reader && input.value->is_narrow ? Form::narrow : Form::wide;
}

bool Forms::bypass(Scope& scope, const Step& step) {
  if (!is_cast(step)) return false;
  const std::vector<Argument> inputs = float_inputs(scope, step);
  Value* output = scope.own(step.node->output(0));
  if (inputs.empty() || output == nullptr || output->is_output) return false;
  Value* source = canonical(inputs.front().value);
  if (source == output) return false;  // a damaged model that gives two values one name
  if (output->is_float()) {
    same_[output] = source;
  } else if (output->type == number_) {
    narrowed_[output] = source;
    mark_read(*source, Form::narrow);
  } else {
    return false;
  }
  bypassed_.insert(&step);
  return true;
}

void Forms::gather(Scope& scope) {
  for (Step& step : scope.steps()) gather_step(scope, step);
  for (const auto& output : scope.graph().output()) {
    Value* value = scope.find(output.name());
    if (value != nullptr && value->is_float()) mark_read(*canonical(value), scope.is_top() && narrow_io_ ? Form::narrow : Form::wide);
  }
}

void Forms::gather_step(Scope& scope, Step& step) {
  if (bypass(scope, step)) return;
  for (Argument input : float_inputs(scope, step)) {
    input.value = canonical(input.value);
    mark_read(*input.value, form_read(step, input));
  }
  for (const auto& inner : step.inner) gather(*inner);
}

void Forms::give_names(Scope& scope) {
  for (Value* value : in_order(scope)) {
    if (!value->is_float() || same_.contains(value)) continue;
    const Form own = own_form(scope, *value);
    const Form made = value->is_narrow ? Form::narrow : Form::wide;
    const auto name_for = [&](Form form, bool is_read, const std::string& suffix) {
      if (form == own) return value->name;
      return is_read || (value->origin == Origin::node && form == made) ? unique(value->name + suffix) : std::string();
    };
    value->wide_name = name_for(Form::wide, value->wide_read, "_fp32");
    value->narrow_name = name_for(Form::narrow, value->narrow_read, suffix_);
  }
  for (Step& step : scope.steps()) {
    Value* value = recast(scope, step);
    Value* source = value == nullptr ? nullptr : scope.find(step.node->input(0));
    if (source != nullptr && source->type == number_ && value->narrow_read && !value->is_output) {
      const auto copy = narrowed_.find(source);
      value->narrow_name = copy == narrowed_.end() ? source->name : canonical(copy->second)->narrow_name;
      there_.insert(value);
    }
    for (const auto& inner : step.inner) give_names(*inner);
  }
}

std::string Forms::name_of(Scope& scope, const std::string& value_name, Form form) const {
  Value* value = scope.find(value_name);
  if (value == nullptr) return value_name;
  if (const auto copy = narrowed_.find(value); copy != narrowed_.end()) return canonical(copy->second)->narrow_name;
  return value->is_float() ? name(*canonical(value), form) : value_name;
}

std::string Forms::input_name(Scope& scope, const Step& step, int index) const {
  const std::string& value_name = step.node->input(index);
  Value* value = scope.find(value_name);
  const bool is_float = value != nullptr && value->is_float();
  const Form form = is_float ? form_read(step, {canonical(value), step.input_slot(index), index}) : Form::wide;
  return name_of(scope, value_name, form);
}

}  // namespace podium::convert::half
