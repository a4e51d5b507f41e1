#include "convert/half/activation_ranges.h"

#include <fmt/format.h>

#include <unordered_map>

#include "convert/half/range.h"
#include "onnx/shown_name.h"

namespace podium::convert::half {
namespace {

/// Float values that nodes would read or give in 16 bits, in the order of the graph.
std::vector<std::string> values_to_look_at(Scope& scope) {
  std::vector<std::string> names;
  std::unordered_map<const Value*, bool> listed;
  const auto list = [&](const Argument& argument) {
    const bool is_activation = argument.value->origin != Origin::stored && can_be_narrow(argument.slot);
    if (is_activation && !std::exchange(listed[argument.value], true)) names.push_back(argument.value->name);
  };
  for (const Step& step : scope.steps()) {
    if (!step.wide_because.empty() || step.role() == Role::reader) continue;
    for (const Argument& input : float_inputs(scope, step)) list(input);
    for (const Argument& output : float_outputs(scope, step)) list(output);
  }
  return names;
}

void judge(Scope& scope, Step& step, DataType type, const std::unordered_map<std::string, Magnitudes>& seen) {
  const auto judge_one = [&](const char* what, const Argument& argument) {
    const auto found = seen.find(argument.value->name);
    if (found == seen.end() || !can_be_narrow(argument.slot)) return;
    const std::string objection = found->second.objection(type);
    if (!objection.empty()) step.stay_wide(fmt::format("its {} '{}' {}", what, onnx::shown_name(argument.value->name), objection));
  };
  for (const Argument& input : float_inputs(scope, step)) judge_one("input", input);
  for (const Argument& output : float_outputs(scope, step)) judge_one("output", output);
}

}  // namespace

Result<void> keep_out_of_range_wide(const ::onnx::ModelProto& model, Scope& scope, DataType type, ActivationSource& source,
                                    const Progress& progress) {
  const std::vector<std::string> names = values_to_look_at(scope);
  if (names.empty()) return {};
  const Result<::onnx::ModelProto> probed = with_outputs(model, names);
  if (!probed) return tl::unexpected(probed.error());
  std::unordered_map<std::string, Magnitudes> seen;
  auto ran = source.run(*probed, [&](std::int64_t batch, std::span<const Activation> activations) -> Result<void> {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the conversion was stopped");
    for (const Activation& activation : activations) seen.try_emplace(activation.name, type).first->second.observe(activation.values);
    progress.on_step("looking at activations", batch + 1, source.batches());
    return {};
  });
  if (!ran) return ran;
  for (Step& step : scope.steps()) {
    if (step.role() != Role::reader && step.role() != Role::branch) judge(scope, step, type, seen);
  }
  return {};
}

}  // namespace podium::convert::half
