#include "convert/recovery/static_conversion.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace podium::convert {

namespace {

constexpr std::array<std::string_view, 4> products{"Conv", "ConvTranspose", "Gemm", "MatMul"};

}  // namespace

StaticConversion::StaticConversion(const ::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
                                   const std::map<std::string, Range>& ranges, const CalibrationSettings& calibration,
                                   ActivationSource& source, const Progress& progress)
    : model_(model), plan_(plan), profile_(profile), ranges_(ranges), calibration_(calibration), source_(source), progress_(progress) {
  calibration_.symmetric = profile.symmetric_activations;
  const std::set<std::string> quantized(plan.nodes.begin(), plan.nodes.end());
  for (const ::onnx::NodeProto& node : model.graph().node()) {
    const bool is_product = std::find(products.begin(), products.end(), node.op_type()) != products.end();
    if (is_product && quantized.contains(node.name())) layers_.push_back(node.name());
  }
}

Result<StaticPlan> StaticConversion::plan_without(const std::set<std::string>& wide) const {
  if (wide.empty()) return plan_;
  std::set<std::string> exclude = wide;
  for (const auto& [node, reason] : plan_.left_wide) exclude.insert(node);
  return plan_static(model_, profile_, exclude);
}

Result<::onnx::ModelProto> StaticConversion::without(const std::set<std::string>& wide) {
  const Result<StaticPlan> plan = plan_without(wide);
  if (!plan) return tl::unexpected(plan.error());
  if (Result<void> found = find_missing_ranges(*plan); !found) return tl::unexpected(found.error());
  ::onnx::ModelProto quantized = model_;
  if (Result<void> applied = apply_static(quantized, *plan, profile_, ranges_); !applied) return tl::unexpected(applied.error());
  return quantized;
}

Result<::onnx::ModelProto> StaticConversion::only(const std::set<std::string>& layers) {
  std::set<std::string> others;
  std::copy_if(layers_.begin(), layers_.end(), std::inserter(others, others.end()),
               [&](const std::string& layer) { return !layers.contains(layer); });
  return without(others);
}

/// A layer that stays float may hand over a value that was quantized nowhere before (to a sum that was the end of it).
Result<void> StaticConversion::find_missing_ranges(const StaticPlan& plan) {
  std::vector<std::string> missing;
  std::copy_if(plan.activations.begin(), plan.activations.end(), std::back_inserter(missing),
               [&](const std::string& value) { return !ranges_.contains(value); });
  if (missing.empty()) return {};
  Result<std::map<std::string, Range>> found = calibrate(model_, missing, calibration_, source_, progress_);
  if (!found) return tl::unexpected(found.error());
  ranges_.merge(*found);
  return {};
}

}  // namespace podium::convert
