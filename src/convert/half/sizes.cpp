#include "convert/half/sizes.h"

#include <algorithm>
#include <unordered_set>

#include "onnx/attributes.h"

namespace podium::convert::half {
namespace {

using ::onnx::TensorProto;
using Values = std::unordered_set<const Value*>;

bool is_integer(int type) {
  return type != TensorProto::UNDEFINED && type != TensorProto::FLOAT && type != TensorProto::DOUBLE && type != TensorProto::FLOAT16 &&
         type != TensorProto::BFLOAT16 && type != TensorProto::BOOL && type != TensorProto::STRING;
}

/// Values that are computed from whole numbers and constants only.
void find_from_integers(Scope& scope, Values& from_integers) {
  for (Step& step : scope.steps()) {
    const std::string& type = step.node->op_type();
    const std::vector<Argument> inputs = float_inputs(scope, step);
    bool begins = type == "Range" || type == "ConstantOfShape";
    if (type == "Cast" && step.node->input_size() == 1) {
      const Value* source = scope.find(step.node->input(0));
      begins = source != nullptr && is_integer(source->type);
    }
    const bool goes_on = (step.role() == Role::exact || step.role() == Role::wide) && !inputs.empty() && step.inner.empty() &&
                         std::all_of(inputs.begin(), inputs.end(), [&](const Argument& input) {
                           return input.value->origin == Origin::stored || from_integers.contains(input.value);
                         });
    if (begins || goes_on) {
      for (const Argument& output : float_outputs(scope, step)) from_integers.insert(output.value);
    }
    for (const auto& inner : step.inner) find_from_integers(*inner, from_integers);
  }
}

/// What a node needs exactly of its inputs, given what is needed of its outputs.
class Backwards {
 public:
  Backwards(Values from_integers) : from_integers_(std::move(from_integers)) {}

  void walk(Scope& scope) {
    for (auto step = scope.steps().rbegin(); step != scope.steps().rend(); ++step) {
      for (const auto& inner : step->inner) walk(*inner);
      look_at(scope, *step);
    }
  }

 private:
  void look_at(Scope& scope, Step& step) {
    const std::vector<Argument> outputs = float_outputs(scope, step);
    const bool exact = step.role() == Role::exact &&
                       std::any_of(outputs.begin(), outputs.end(), [&](const Argument& output) { return needed_.contains(output.value); });
    if (exact) step.stay_wide("it computes sizes or indices, which 16 bits cannot hold exactly");
    for (const Argument& input : float_inputs(scope, step)) {
      if (exact || needs(step, input)) needed_.insert(input.value);
    }
  }

  [[nodiscard]] bool needs(const Step& step, const Argument& input) const {
    if (step.node->op_type() == "Cast") return is_integer(static_cast<int>(onnx::integer_attribute(*step.node, "to", 0)));
    if (step.row == nullptr || !step.inner.empty()) return false;
    if (input.slot == Slot::single) return true;
    return (step.role() == Role::compare || step.role() == Role::wide) && from_integers_.contains(input.value);
  }

  Values from_integers_;
  Values needed_;
};

}  // namespace

void keep_sizes_wide(Scope& model) {
  Values from_integers;
  find_from_integers(model, from_integers);
  Backwards(std::move(from_integers)).walk(model);
}

}  // namespace podium::convert::half
