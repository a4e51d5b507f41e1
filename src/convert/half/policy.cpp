#include "convert/half/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "convert/half/islands.h"
#include "convert/half/sizes.h"
#include "onnx/attributes.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"

namespace podium::convert::half {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// Operators to which a number that stands for minus infinity is one at the end of the range as well.
constexpr std::array<std::string_view, 13> mask_readers{"Add",     "Concat", "Expand", "Identity",  "Max",   "Min",      "Mul",
                                                        "Reshape", "Slice",  "Sub",    "Unsqueeze", "Where", "ScatterND"};

/// Whether numbers beyond the range may become its ends, since the result is the same.
bool may_clamp(const Step& step, int input, const Magnitudes& magnitudes) {
  const std::string& type = step.node->op_type();
  const bool bounds = type == "Clip" || type == "Max" || type == "Min";
  if (bounds && (type != "Clip" || input > 0)) return true;
  if (type == "Pad" && input == 2) return magnitudes.is_mask();
  return magnitudes.is_mask() && std::find(mask_readers.begin(), mask_readers.end(), type) != mask_readers.end();
}

/// The operator computes in float32 inside, if asked to, where 16 bits would not do: attribute stash_type.
bool computes_inside_in_float32(const NodeProto& node) {
  return onnx::integer_attribute(node, "stash_type", TensorProto::FLOAT) == TensorProto::FLOAT;
}

std::string reason_of_operator(Scope& scope, const Step& step, const Policy& policy) {
  const NodeProto& node = *step.node;
  const std::string& type = node.op_type();
  if (step.row == nullptr) return fmt::format("{} is no operator that Podium knows in 16 bits", onnx::shown_name(type));
  if (step.role() == Role::wide) return fmt::format("{} {}", type, step.row->why);
  if (const auto known = policy.known_wide->find(node.name()); known != policy.known_wide->end()) return known->second;
  if (policy.wide->contains(node.name()) || policy.wide->contains(type)) return "it was asked to stay float32";
  const std::int64_t since = step.row->since(policy.type);
  if (since == 0 || policy.opset < since) {
    const std::string remedy = since == 0 ? "no operator set has it" : fmt::format("operator set {} has it", since);
    return fmt::format("operator set {} has no {} in {}; {}", policy.opset, type, to_string(policy.type), remedy);
  }
  if (!computes_inside_in_float32(node)) return fmt::format("{} is asked not to compute in float32 inside", type);
  for (int i = 0; i < node.input_size(); ++i) {
    const Value* value = step.input_slot(i) == Slot::half ? scope.find(node.input(i)) : nullptr;
    if (value != nullptr && value->type == TensorProto::UNDEFINED)
      return fmt::format("the type of its input '{}' is not known", onnx::shown_name(node.input(i)));
  }
  return {};
}

/// Looks at each weight once, however many nodes read it.
class Weights {
 public:
  Weights(DataType type, std::vector<std::string>& notes) : type_(type), notes_(notes) {}

  [[nodiscard]] Result<void> check(Scope& scope, Step& step) {
    for (const Argument& input : float_inputs(scope, step)) {
      if (input.value->origin != Origin::stored || !can_be_narrow(input.slot)) continue;
      if (input.value->stored == nullptr) {
        step.stay_wide(fmt::format("its weight '{}' is sparse", onnx::shown_name(input.value->name)));
        continue;
      }
      const auto magnitudes = of(*input.value->stored);
      if (!magnitudes) return tl::unexpected(magnitudes.error());
      judge(step, input, *magnitudes);
    }
    return {};
  }

 private:
  [[nodiscard]] Result<Magnitudes> of(const TensorProto& tensor) {
    const auto known = known_.find(&tensor);
    if (known != known_.end()) return known->second;
    const auto values = onnx::floats_of(tensor);
    if (!values) return tl::unexpected(values.error());
    Magnitudes magnitudes(type_);
    magnitudes.observe(*values);
    known_.emplace(&tensor, magnitudes);
    return magnitudes;
  }

  void judge(Step& step, const Argument& input, const Magnitudes& magnitudes) {
    const std::string objection = magnitudes.objection(type_);
    if (objection.empty()) return;
    const std::string name = onnx::shown_name(input.value->name);
    if (!may_clamp(step, input.index, magnitudes)) {
      step.stay_wide(fmt::format("its weight '{}' {}", name, objection));
    } else if (!magnitudes.fits() && step.wide_because.empty()) {
      notes_.push_back(fmt::format("numbers of '{}' beyond {}'s range, up to {:.6g}, became its ends, as a mask or a bound may", name,
                                   to_string(type_), magnitudes.largest()));
    }
  }

  DataType type_;
  std::vector<std::string>& notes_;
  std::unordered_map<const TensorProto*, Magnitudes> known_;
};

/// Bodies that run once for each step would cast at each: what stands in them stays as it is.
void keep_bodies_wide(Scope& scope, bool in_body) {
  for (Step& step : scope.steps()) {
    if (in_body) step.stay_wide("it stands inside a Loop, Scan or the like");
    for (const auto& inner : step.inner) keep_bodies_wide(*inner, in_body || step.role() != Role::branch);
  }
}

/// A comparison reads its inputs as they are: in 16 bits where they are made so.
bool reads_narrow(Scope& scope, const Step& step) {
  const std::vector<Argument> inputs = float_inputs(scope, step);
  return std::any_of(inputs.begin(), inputs.end(), [](const Argument& input) { return input.value->is_narrow; });
}

void decide_in(Scope& scope, const Policy& policy) {
  for (const auto& input : scope.graph().input()) {
    Value* value = scope.own(input.name());
    if (value != nullptr && value->origin == Origin::input && value->is_float()) value->is_narrow = scope.is_top() && policy.narrow_io;
  }
  for (Step& step : scope.steps()) {
    const bool computes = step.role() == Role::arithmetic || step.role() == Role::plain || step.role() == Role::exact;
    const bool follows = step.role() == Role::compare && reads_narrow(scope, step);
    step.is_narrow = step.wide_because.empty() && (computes || follows) && touches_float(scope, step);
    for (const Argument& output : float_outputs(scope, step)) output.value->is_narrow = step.is_narrow && can_be_narrow(output.slot);
    for (const auto& inner : step.inner) decide_in(*inner, policy);
  }
}

}  // namespace

bool touches_float(Scope& scope, const Step& step) {
  return !float_inputs(scope, step).empty() || !float_outputs(scope, step).empty();
}

Result<void> keep_wide(Scope& model, const Policy& policy, std::vector<std::string>& notes) {
  Weights weights(policy.type, notes);
  Result<void> outcome;
  keep_bodies_wide(model, false);
  keep_sizes_wide(model);
  for_each_step(model, [&](Scope& scope, Step& step) {
    if (!outcome || step.role() == Role::reader || step.role() == Role::branch || step.node->op_type() == "Constant") return;
    if (std::string reason = reason_of_operator(scope, step, policy); !reason.empty()) step.stay_wide(reason);
    if (step.wide_because.empty()) outcome = weights.check(scope, step);
  });
  return outcome;
}

void decide(Scope& model, const Policy& policy) {
  if (!policy.convert_islands) keep_islands_wide(model);
  decide_in(model, policy);
}

}  // namespace podium::convert::half
