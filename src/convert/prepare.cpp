#include "convert/prepare.h"

#include <fmt/format.h>

#include <algorithm>

#include "convert/recovery/recovery.h"
#include "onnx/check_reads.h"
#include "onnx/opset.h"
#include "onnx/simplify.h"
#include "onnx/whole_model.h"

namespace podium::convert {
namespace {

using ::onnx::ModelProto;

/// QuantizeLinear and DequantizeLinear have an axis, and most operators take bfloat16, from this operator set on.
constexpr std::int64_t oldest_opset = 13;

}  // namespace

std::string counted(std::int64_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Result<void> stop_if_cancelled(const Progress& progress) {
  return progress.is_cancelled() ? Result<void>(fail(ErrorCode::cancelled, "the conversion was stopped")) : Result<void>{};
}

Result<void> prepare(ModelProto& model, const ConvertSettings& settings, ConversionReport& report, const Progress& progress) {
  progress.on_step("simplifying", 0, 0);
  if (auto checked = onnx::check_reads(model.graph()); !checked) return checked;
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

HalfRequest half_request(const ConvertSettings& settings) {
  const DataType type = settings.to == Precision::fp16 ? DataType::float16 : DataType::bfloat16;
  return {.type = type, .keep_io = settings.keep_io, .wide = settings.exclude};
}

Result<StaticDecision> decide_static(const ModelProto& model, const ConvertSettings& settings, ActivationSource& source,
                                     const Progress& progress) {
  auto plan = plan_static(model, settings.profile, settings.exclude);
  if (!plan) return tl::unexpected(plan.error());
  CalibrationSettings calibration = settings.calibration;
  calibration.symmetric = settings.profile.symmetric_activations;
  auto ranges = calibrate(model, plan->activations, calibration, source, progress);
  if (!ranges) return tl::unexpected(ranges.error());
  return StaticDecision{std::move(*plan), std::move(*ranges)};
}

}  // namespace podium::convert
