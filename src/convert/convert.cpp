#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "convert/exclusions.h"
#include "convert/half.h"
#include "convert/quantize.h"
#include "convert/recovery/recovery.h"
#include "core/text.h"
#include "onnx/opset.h"
#include "onnx/simplify.h"
#include "onnx/whole_model.h"

namespace podium::convert {
namespace {

using ::onnx::ModelProto;

/// QuantizeLinear and DequantizeLinear have an axis, and most operators take bfloat16, from this operator set on.
constexpr std::int64_t oldest_opset = 13;

std::string counted(std::int64_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Result<void> stop_if_cancelled(const Progress& progress) {
  return progress.is_cancelled() ? Result<void>(fail(ErrorCode::cancelled, "the conversion was stopped")) : Result<void>{};
}

/// Fewer nodes, in an operator set that both the engine and the nodes to come are content with.
Result<void> prepare(ModelProto& model, const ConvertSettings& settings, ConversionReport& report, const Progress& progress) {
  progress.on_step("simplifying", 0, 0);
  const auto simplified = onnx::simplify(model);
  if (!simplified) return tl::unexpected(simplified.error());
  if (simplified->folded_batch_norms > 0)
    report.notes.push_back(counted(simplified->folded_batch_norms, "batch norm") + " folded into the layers before them");
  const std::int64_t now = onnx::opset_of(model);
  const std::int64_t newest = settings.profile.newest_opset;
  const std::int64_t wanted = newest > 0 && now > newest ? newest : std::max(now, oldest_opset);
  if (wanted != now) {
    if (auto converted = onnx::convert_opset(model, wanted); !converted) return converted;
    report.notes.push_back(fmt::format("rewritten from operator set {} in operator set {}", now, wanted));
  }
  name_nodes(*model.mutable_graph());
  return stop_if_cancelled(progress);
}

/// A converted model that converts nothing would run as fp32 under another name.
Result<ConversionReport> checked(ConversionReport report, const ConvertSettings& settings) {
  if (report.converted > 0) return report;
  const std::string first = report.left_wide.empty() ? std::string("it has no node of a type that is converted")
                                                     : fmt::format("'{}' for one: {}", printable(report.left_wide.begin()->first),
                                                                   report.left_wide.begin()->second);
  return fail(ErrorCode::unsupported, fmt::format("no node of the model can compute in {} ({})", to_string(settings.to), first),
              "choose another precision, or exclude less");
}

Result<ConversionReport> make_half(ModelProto& model, const ConvertSettings& settings, ActivationSource* source, const Progress& progress) {
  const DataType type = settings.to == Precision::fp16 ? DataType::float16 : DataType::bfloat16;
  return to_half(model, {type, settings.keep_io, settings.exclude}, source, progress);
}

Result<ConversionReport> make_dynamic(ModelProto& model, const ConvertSettings& settings, const Progress& progress) {
  progress.on_step("quantizing weights", 0, 0);
  return quantize_dynamic(model, operators_that_gain(), settings.profile, settings.exclude);
}

/// Edits that leave the float model computing the same, and its quantized self more exact. Nodes that must not be quantized for it are
/// excluded.
Result<void> even_out(ModelProto& model, ConvertSettings& settings, ActivationSource& source, ConversionReport& report,
                      const Progress& progress) {
  if (settings.equalize) {
    progress.on_step("equalizing layers", 0, 0);
    const auto pairs = equalize_layers(model);
    if (!pairs) return tl::unexpected(pairs.error());
    report.notes.push_back(counted(*pairs, "pair") + " of layers equalized");
  }
  if (settings.smooth) {
    const auto smoothed = smooth(model, *settings.smooth, source, progress);
    if (!smoothed) return tl::unexpected(smoothed.error());
    settings.exclude.insert(smoothed->inserted.begin(), smoothed->inserted.end());
    report.notes.push_back(fmt::format("{} smoothed at strength {}", counted(smoothed->layers, "matrix product"), *settings.smooth));
  }
  return stop_if_cancelled(progress);
}

/// What runs in int8, and over which ranges.
struct Decision {
  StaticPlan plan;
  std::map<std::string, Range> ranges;
};

/// The bound, asked of what will be written: a candidate's biases are corrected before it is judged, where they will be.
Holds bound_on_corrected(const ModelProto& model, const ConvertSettings& settings, ActivationSource& source, const Progress& progress) {
  if (!settings.correct_biases) return settings.holds;
  return [&](const ModelProto& candidate) -> Result<bool> {
    ModelProto corrected = candidate;
    if (auto done = correct_biases(model, corrected, source, progress); !done) return tl::unexpected(done.error());
    return settings.holds(corrected);
  };
}

/// The decision with the layers that the bound asks to be given back taken out.
Result<Decision> within_bound(const ModelProto& model, Decision decision, const ConvertSettings& settings, ActivationSource& source,
                              ConversionReport& report, const Progress& progress) {
  if (!settings.holds) return decision;
  const Holds holds = bound_on_corrected(model, settings, source, progress);
  auto found = give_back_layers(model, decision.plan, settings.profile, decision.ranges, source, holds, progress);
  if (!found) return tl::unexpected(found.error());
  if (!found->holds) {
    return fail(ErrorCode::check_failed, "the bound does not hold, however many layers stay in float",
                "set a lower bound: that of rounding in float32 is the most that can be had");
  }
  if (found->plan.nodes.empty())
    return fail(ErrorCode::check_failed, "the bound holds only where every layer stays in float", "set a lower bound, or convert to fp16");
  if (found->given_back.empty()) return decision;
  for (const std::string& node : found->given_back) found->plan.left_wide[node] = "given back, so that the bound holds";
  report.notes.push_back(counted(static_cast<std::int64_t>(found->given_back.size()), "layer") +
                         " given back to float, the worst first: " + join(found->given_back, ", "));
  return Decision{std::move(found->plan), std::move(found->ranges)};
}

Result<ConversionReport> make_static(ModelProto& model, ConvertSettings settings, ActivationSource& source, ConversionReport report,
                                     const Progress& progress) {
  if (auto done = even_out(model, settings, source, report, progress); !done) return tl::unexpected(done.error());
  auto plan = plan_static(model, settings.profile, settings.exclude);
  if (!plan) return tl::unexpected(plan.error());
  CalibrationSettings calibration = settings.calibration;
  calibration.symmetric = settings.profile.symmetric_activations;
  auto ranges = calibrate(model, plan->activations, calibration, source, progress);
  if (!ranges) return tl::unexpected(ranges.error());
  auto decision = within_bound(model, {std::move(*plan), std::move(*ranges)}, settings, source, report, progress);
  if (!decision) return tl::unexpected(decision.error());
  progress.on_step("quantizing", 0, 0);
  ModelProto quantized = model;
  if (auto applied = apply_static(quantized, decision->plan, settings.profile, decision->ranges); !applied)
    return tl::unexpected(applied.error());
  if (settings.correct_biases) {
    const auto corrected = correct_biases(model, quantized, source, progress);
    if (!corrected) return tl::unexpected(corrected.error());
    report.notes.push_back(fmt::format("{} bias{} corrected by the mean error of their layer", *corrected, *corrected == 1 ? "" : "es"));
  }
  model = std::move(quantized);
  report.converted = static_cast<std::int64_t>(decision->plan.nodes.size());
  report.left_wide = std::move(decision->plan.left_wide);
  return report;
}

Result<ConversionReport> make(ModelProto& model, const ConvertSettings& settings, ActivationSource* source, ConversionReport prepared,
                              const Progress& progress) {
  if (settings.to == Precision::int8_static) {
    if (source == nullptr)
      return fail(ErrorCode::wrong_use, "int8-static needs calibration data: ranges of activations come from real inputs",
                  "give a folder of pictures, an .npz or a .npy with --calibrate");
    return make_static(model, settings, *source, std::move(prepared), progress);
  }
  auto report =
      settings.to == Precision::int8_dynamic ? make_dynamic(model, settings, progress) : make_half(model, settings, source, progress);
  if (report) report->notes.insert(report->notes.begin(), prepared.notes.begin(), prepared.notes.end());
  return report;
}

}  // namespace

Result<ConversionReport> convert(ModelProto& model, const ConvertSettings& settings, ActivationSource* source, const Progress& progress) {
  if (settings.to == Precision::fp32 || settings.to == Precision::tf32)
    return fail(ErrorCode::wrong_use,
                fmt::format("a model is not converted to {}: it is the precision it comes in", to_string(settings.to)),
                "convert to fp16, bf16, int8-dynamic or int8-static");
  std::set<std::string> known;
  add_excludable(model.graph(), known);
  ConversionReport prepared;
  if (auto done = prepare(model, settings, prepared, progress); !done) return tl::unexpected(done.error());
  add_excludable(model.graph(), known);  // nodes without a name have one now, which reports tell
  if (auto checked = check_exclusions(settings.exclude, known); !checked) return tl::unexpected(checked.error());
  auto report = make(model, settings, source, std::move(prepared), progress);
  if (!report) return report;
  report->to = settings.to;
  report->nodes = model.graph().node_size();
  return checked(std::move(*report), settings);
}

}  // namespace podium::convert
