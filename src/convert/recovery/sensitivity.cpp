#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convert/recovery/output_quality.h"
#include "convert/recovery/recovery.h"

namespace podium::convert {

namespace {

/// Inputs that are enough to tell a bad layer from a good one: the order of the layers needs no more, and each layer costs a run over them.
constexpr std::int64_t ordering_inputs = 16;

/// Layers whose int8 is worth it by itself. What lies between them is in int8 only while they are, and goes with them (see plan_static()).
constexpr std::array<std::string_view, 4> products{"Conv", "ConvTranspose", "Gemm", "MatMul"};

/// Makes models in which some of the layers that a plan quantizes stay float.
class Quantizer {
 public:
  Quantizer(const ::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
            const std::map<std::string, Range>& ranges, ActivationSource& source, const Progress& progress)
      : model_(model), plan_(plan), profile_(profile), ranges_(ranges), source_(source), progress_(progress) {
    const std::set<std::string> quantized(plan.nodes.begin(), plan.nodes.end());
    for (const ::onnx::NodeProto& node : model.graph().node()) {
      const bool is_product = std::find(products.begin(), products.end(), node.op_type()) != products.end();
      if (is_product && quantized.contains(node.name())) layers_.push_back(node.name());
    }
  }

  [[nodiscard]] const std::vector<std::string>& layers() const noexcept { return layers_; }
  [[nodiscard]] const std::map<std::string, Range>& ranges() const noexcept { return ranges_; }

  [[nodiscard]] Result<StaticPlan> plan_without(std::span<const std::string> wide) const {
    if (wide.empty()) return plan_;
    std::set<std::string> exclude(wide.begin(), wide.end());
    for (const auto& [node, reason] : plan_.left_wide) exclude.insert(node);
    return plan_static(model_, profile_, exclude);
  }

  [[nodiscard]] Result<::onnx::ModelProto> quantize_without(std::span<const std::string> wide) {
    const Result<StaticPlan> plan = plan_without(wide);
    if (!plan) return tl::unexpected(plan.error());
    if (Result<void> found = find_missing_ranges(*plan); !found) return tl::unexpected(found.error());
    ::onnx::ModelProto quantized = model_;
    if (Result<void> applied = apply_static(quantized, *plan, profile_, ranges_); !applied) return tl::unexpected(applied.error());
    return quantized;
  }

  [[nodiscard]] Result<::onnx::ModelProto> quantize_only(const std::string& layer) {
    std::vector<std::string> others;
    std::copy_if(layers_.begin(), layers_.end(), std::back_inserter(others), [&](const std::string& other) { return other != layer; });
    return quantize_without(others);
  }

 private:
  /// A layer that stays float may hand over a value that was quantized nowhere before (to a sum that was the end of it).
  [[nodiscard]] Result<void> find_missing_ranges(const StaticPlan& plan) {
    std::vector<std::string> missing;
    std::copy_if(plan.activations.begin(), plan.activations.end(), std::back_inserter(missing),
                 [&](const std::string& value) { return !ranges_.contains(value); });
    if (missing.empty()) return {};
    CalibrationSettings settings;
    settings.symmetric = profile_.symmetric_activations;
    Result<std::map<std::string, Range>> found = calibrate(model_, missing, settings, source_, progress_);
    if (!found) return tl::unexpected(found.error());
    ranges_.merge(*found);
    return {};
  }

  const ::onnx::ModelProto& model_;
  const StaticPlan& plan_;
  const QuantizationProfile& profile_;
  std::map<std::string, Range> ranges_;
  ActivationSource& source_;
  const Progress& progress_;
  std::vector<std::string> layers_;
};

/// How many of the first batches hold enough inputs, by the leading axis of the first output.
std::int64_t batches_to_order_by(const Outputs& baseline) {
  std::int64_t inputs = 0;
  std::int64_t batches = 0;
  for (const Outputs::Batch& batch : baseline.batches) {
    if (inputs >= ordering_inputs) break;
    const bool has_axis = !batch.shapes.empty() && !batch.shapes.front().empty();
    inputs += has_axis ? batch.shapes.front().front() : 1;
    ++batches;
  }
  return batches;
}

/// The layers, the one whose int8 alone harms the outputs most first.
///
/// The outputs are looked at, one run for each layer, and not the layer's own output, which one run of all layers would show: what an error
/// does to the outputs depends on all that follows, a residual sum above all, and no weight that is known without gradients tells it.
Result<std::vector<std::string>> order_layers(Quantizer& quantizer, const Outputs& baseline, ActivationSource& source,
                                              const Progress& progress) {
  struct Error {
    std::string layer;
    double sqnr_db;
  };
  std::vector<Error> errors;
  const std::int64_t batches = batches_to_order_by(baseline);
  for (const std::string& layer : quantizer.layers()) {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
    progress.on_step("error of each layer alone", static_cast<std::int64_t>(errors.size()),
                     static_cast<std::int64_t>(quantizer.layers().size()));
    const Result<::onnx::ModelProto> model = quantizer.quantize_only(layer);
    if (!model) return tl::unexpected(model.error());
    const Result<Outputs> outputs = run_outputs(*model, source, batches, progress);
    if (!outputs) return tl::unexpected(outputs.error());
    errors.push_back({layer, sqnr_db(baseline, *outputs)});
  }
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) { return a.sqnr_db < b.sqnr_db; });
  std::vector<std::string> order;
  for (Error& error : errors) order.push_back(std::move(error.layer));
  return order;
}

using Holds = std::function<Result<bool>(const ::onnx::ModelProto&)>;

Result<bool> holds_without(Quantizer& quantizer, std::span<const std::string> wide, const Holds& holds) {
  const Result<::onnx::ModelProto> model = quantizer.quantize_without(wide);
  if (!model) return tl::unexpected(model.error());
  return holds(*model);
}

/// The least count of `layers`, from the front, that must stay wide. That none is not enough is known, and that all are, since the float
/// model is; that one more never makes it worse is assumed. Where it does, the bound holds for the count found all the same, but a smaller
/// one may be missed.
Result<std::size_t> least_count(Quantizer& quantizer, std::span<const std::string> layers, const Holds& holds, const Progress& progress) {
  std::size_t too_few = 0;
  std::size_t enough = layers.size();
  while (enough - too_few > 1) {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
    const std::size_t tried = too_few + (enough - too_few) / 2;
    progress.on_step("layers given back", static_cast<std::int64_t>(tried), static_cast<std::int64_t>(layers.size()));
    const Result<bool> holds_now = holds_without(quantizer, layers.first(tried), holds);
    if (!holds_now) return tl::unexpected(holds_now.error());
    (*holds_now ? enough : too_few) = tried;
  }
  return enough;
}

}  // namespace

Result<Sensitivity> give_back_layers(const ::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
                                     const std::map<std::string, Range>& ranges, ActivationSource& source, const Holds& holds,
                                     const Progress& progress) {
  const Result<Outputs> baseline = run_outputs(model, source, source.batches(), progress);
  if (!baseline) return tl::unexpected(baseline.error());
  Quantizer quantizer(model, plan, profile, ranges, source, progress);
  const auto result = [&](std::span<const std::string> wide, bool does_hold) -> Result<Sensitivity> {
    const Result<::onnx::ModelProto> quantized = quantizer.quantize_without(wide);
    if (!quantized) return tl::unexpected(quantized.error());
    const Result<Outputs> outputs = run_outputs(*quantized, source, source.batches(), progress);
    if (!outputs) return tl::unexpected(outputs.error());
    Result<StaticPlan> left = quantizer.plan_without(wide);
    if (!left) return tl::unexpected(left.error());
    return Sensitivity{{wide.begin(), wide.end()}, std::move(*left), quantizer.ranges(), sqnr_db(*baseline, *outputs), does_hold};
  };

  const Result<bool> holds_already = holds_without(quantizer, {}, holds);
  if (!holds_already) return tl::unexpected(holds_already.error());
  if (*holds_already) return result({}, true);
  const Result<bool> holds_in_float = holds(model);
  if (!holds_in_float) return tl::unexpected(holds_in_float.error());
  if (!*holds_in_float || quantizer.layers().empty()) return result(quantizer.layers(), false);

  const Result<std::vector<std::string>> order = order_layers(quantizer, *baseline, source, progress);
  if (!order) return tl::unexpected(order.error());
  const Result<std::size_t> count = least_count(quantizer, *order, holds, progress);
  if (!count) return tl::unexpected(count.error());
  return result(std::span(*order).first(*count), true);
}

}  // namespace podium::convert
