#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/recovery/output_quality.h"
#include "convert/recovery/recovery.h"

namespace podium::convert {

namespace {

/// Inputs that are enough to tell a bad layer from a good one: the order of the layers needs no more, and each layer costs a run over them.
constexpr std::int64_t ordering_inputs = 16;

/// Makes models in which some of the layers that a plan quantizes stay float.
class Quantizer {
 public:
  Quantizer(const ::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
            const std::map<std::string, Range>& ranges)
      : model_(model), plan_(plan), profile_(profile), ranges_(ranges) {}

  [[nodiscard]] Result<StaticPlan> plan_without(std::span<const std::string> wide) const {
    if (wide.empty()) return plan_;
    std::set<std::string> exclude(wide.begin(), wide.end());
    for (const auto& [node, reason] : plan_.left_wide) exclude.insert(node);
    return plan_static(model_, profile_, exclude);
  }

  [[nodiscard]] Result<StaticPlan> plan_of_one(const std::string& layer) const {
    std::vector<std::string> others;
    std::copy_if(plan_.nodes.begin(), plan_.nodes.end(), std::back_inserter(others),
                 [&](const std::string& node) { return node != layer; });
    return plan_without(others);
  }

  [[nodiscard]] Result<::onnx::ModelProto> quantize(const StaticPlan& plan) const {
    ::onnx::ModelProto quantized = model_;
    if (Result<void> applied = apply_static(quantized, plan, profile_, ranges_); !applied) return tl::unexpected(applied.error());
    return quantized;
  }

  [[nodiscard]] Result<::onnx::ModelProto> quantize_without(std::span<const std::string> wide) const {
    const Result<StaticPlan> plan = plan_without(wide);
    if (!plan) return tl::unexpected(plan.error());
    return quantize(*plan);
  }

 private:
  const ::onnx::ModelProto& model_;
  const StaticPlan& plan_;
  const QuantizationProfile& profile_;
  const std::map<std::string, Range>& ranges_;
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

struct LayerError {
  std::string layer;
  double sqnr_db = 0.0;
};

/// The layers, the one whose int8 alone harms the outputs most first. What is in int8 only while its neighbours are (a sum, a pooling) harms
/// nothing alone, stands last and goes with them.
///
/// The outputs are looked at, one run for each layer, and not the layer's own output, which one run of all layers would show: what an error
/// does to the outputs depends on all that follows, a residual sum above all, and no weight that is known without gradients tells it.
Result<std::vector<LayerError>> order_layers(const Quantizer& quantizer, const StaticPlan& plan, const Outputs& baseline,
                                             ActivationSource& source, const Progress& progress) {
  std::vector<LayerError> errors;
  const std::int64_t batches = batches_to_order_by(baseline);
  const auto all = static_cast<std::int64_t>(plan.nodes.size());
  for (std::int64_t done = 0; done < all; ++done) {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
    progress.on_step("error of each layer alone", done, all);
    const std::string& layer = plan.nodes[static_cast<std::size_t>(done)];
    const Result<StaticPlan> alone = quantizer.plan_of_one(layer);
    if (!alone) return tl::unexpected(alone.error());
    if (alone->nodes.empty()) {
      errors.push_back({layer, std::numeric_limits<double>::infinity()});
      continue;
    }
    const Result<::onnx::ModelProto> model = quantizer.quantize(*alone);
    if (!model) return tl::unexpected(model.error());
    const Result<Outputs> outputs = run_outputs(*model, source, batches, progress);
    if (!outputs) return tl::unexpected(outputs.error());
    errors.push_back({layer, sqnr_db(baseline, *outputs)});
  }
  std::stable_sort(errors.begin(), errors.end(), [](const LayerError& a, const LayerError& b) { return a.sqnr_db < b.sqnr_db; });
  return errors;
}

using Holds = std::function<Result<bool>(const ::onnx::ModelProto&)>;

Result<bool> holds_without(const Quantizer& quantizer, std::span<const std::string> wide, const Holds& holds) {
  const Result<::onnx::ModelProto> model = quantizer.quantize_without(wide);
  if (!model) return tl::unexpected(model.error());
  return holds(*model);
}

/// The least count of `layers`, from the front, that must stay wide. That all of them are enough is known, and that none is not; that one
/// more never makes it worse is assumed. Where it does, the bound holds for the count found all the same, but a smaller one may be missed.
Result<std::size_t> least_count(const Quantizer& quantizer, std::span<const std::string> layers, const Holds& holds,
                                const Progress& progress) {
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
  const Quantizer quantizer(model, plan, profile, ranges);
  const Result<Outputs> baseline = run_outputs(model, source, source.batches(), progress);
  if (!baseline) return tl::unexpected(baseline.error());
  Sensitivity found;
  const auto judge = [&]() -> Result<Sensitivity> {
    const Result<::onnx::ModelProto> quantized = quantizer.quantize_without(found.given_back);
    if (!quantized) return tl::unexpected(quantized.error());
    const Result<Outputs> outputs = run_outputs(*quantized, source, source.batches(), progress);
    if (!outputs) return tl::unexpected(outputs.error());
    found.sqnr_db = sqnr_db(*baseline, *outputs);
    return found;
  };

  const Result<bool> holds_already = holds_without(quantizer, {}, holds);
  if (!holds_already) return tl::unexpected(holds_already.error());
  found.holds = *holds_already;
  if (found.holds) return judge();

  const Result<bool> holds_in_float = holds(model);
  if (!holds_in_float) return tl::unexpected(holds_in_float.error());
  if (!*holds_in_float) {
    found.given_back = plan.nodes;
    return judge();
  }
  const Result<std::vector<LayerError>> order = order_layers(quantizer, plan, *baseline, source, progress);
  if (!order) return tl::unexpected(order.error());
  for (const LayerError& error : *order) found.given_back.push_back(error.layer);
  const Result<std::size_t> count = least_count(quantizer, found.given_back, holds, progress);
  if (!count) return tl::unexpected(count.error());
  found.given_back.resize(*count);
  found.holds = true;
  return judge();
}

}  // namespace podium::convert
