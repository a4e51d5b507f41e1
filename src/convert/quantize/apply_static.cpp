#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "convert/quantize.h"
#include "convert/quantize/int8_opset.h"
#include "convert/quantize/quantized_already.h"
#include "convert/quantize/weight_quantizer.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

Range widest(Range a, Range b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

/// Gives the members of each group one range, that of all members with one; groups that share a member become one.
void share_ranges(const std::vector<std::vector<std::string>>& groups, std::map<std::string, Range>& ranges) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::vector<std::string>& group : groups) {
      std::optional<Range> shared;
      for (const std::string& value : group) {
        const auto found = ranges.find(value);
        if (found != ranges.end()) shared = shared ? widest(*shared, found->second) : found->second;
      }
      if (!shared) continue;
      for (const std::string& value : group) {
        const auto [found, is_new] = ranges.emplace(value, *shared);
        changed = changed || is_new || found->second.low != shared->low || found->second.high != shared->high;
        found->second = *shared;
      }
    }
  }
}

class StaticQuantizer {
 public:
  StaticQuantizer(::onnx::GraphProto& graph, const StaticPlan& plan, const QuantizationProfile& profile)
      : edit_(graph),
        plan_(plan),
        profile_(profile),
        nodes_(plan.nodes.begin(), plan.nodes.end()),
        int8_only_(plan.int8_only.begin(), plan.int8_only.end()) {}

  [[nodiscard]] Result<void> run(std::map<std::string, Range> ranges) {
    edit_.constants_to_initializers();
    if (auto checked = check_plan(); !checked) return checked;
    share_ranges(plan_.same_range, ranges);
    if (auto found = find_scales(ranges); !found) return found;
    WeightQuantizer weights(edit_, plan_, profile_, scales_);
    for (const StaticPlan::Weight& weight : plan_.weights) {
      if (auto done = weights.quantize(weight); !done) return done;
    }
    for (const std::string& value : plan_.activations) quantize_activation(value);
    return edit_.finish();
  }

 private:
  [[nodiscard]] Result<void> check_plan() const {
    std::set<std::string> names;
    for (const NodeProto* node : edit_.nodes()) names.insert(node->name());
    for (const std::string& name : plan_.nodes) {
      if (!names.contains(name))
        return fail(ErrorCode::bad_input, fmt::format("the plan names node '{}', which the model lacks", onnx::shown_name(name)));
    }
    for (const std::string& value : plan_.activations) {
      if (edit_.producer(value) == nullptr && !edit_.is_input(value))
        return fail(ErrorCode::bad_input, fmt::format("the plan names value '{}', which the model lacks", onnx::shown_name(value)));
    }
    return {};
  }

  [[nodiscard]] Result<void> find_scales(const std::map<std::string, Range>& ranges) {
    for (const std::string& value : plan_.activations) {
      const auto range = ranges.find(value);
      if (range == ranges.end())
        return fail(ErrorCode::bad_input, fmt::format("no range is known for '{}'", onnx::shown_name(value)), "calibrate it");
      Result<Affine> scale = activation_scale(value, range->second, profile_);
      if (!scale) return tl::unexpected(std::move(scale.error()));
      scales_.emplace(value, *scale);
    }
    return {};
  }

  void quantize_activation(const std::string& value) {
    const bool for_all = int8_only_.contains(value);
    const std::vector<NodeProto*> readers = edit_.consumers(value);
    NodeProto* producer = edit_.producer(value);
    if (for_all && edit_.is_output(value) && producer != nullptr) {
      // The graph's output keeps its name, so the node's own result gets another.
      const std::string unquantized = edit_.unique_name(value + "_float");
      const auto& outputs = producer->output();
      edit_.set_output(*producer, static_cast<int>(std::find(outputs.begin(), outputs.end(), value) - outputs.begin()), unquantized);
      add_pair(value, unquantized, value);
      return;
    }
    const std::string dequantized = edit_.unique_name(value + "_dequantized");
    add_pair(value, value, dequantized);
    for (NodeProto* reader : readers) {
      if (!for_all && !nodes_.contains(reader->name())) continue;
      for (int i = 0; i < reader->input_size(); ++i) {
        if (reader->input(i) == value) edit_.set_input(*reader, i, dequantized);
      }
    }
  }

  /// QuantizeLinear of `from` and DequantizeLinear to `to`, with the scale of `value`.
  void add_pair(const std::string& value, const std::string& from, const std::string& to) {
    const Affine& affine = scales_.at(value);
    const std::string scale = edit_.unique_name(value + "_scale");
    const std::string zero_point = edit_.unique_name(value + "_zero_point");
    const std::string quantized = edit_.unique_name(value + "_quantized");
    edit_.add_initializer(onnx::float_tensor(scale, {}, std::vector<float>{affine.scale}));
    edit_.add_initializer(onnx::integer_tensor(zero_point, {}, std::vector<std::int64_t>{affine.zero_point}, profile_.activation_type));
    edit_.add_node("QuantizeLinear", {from, scale, zero_point}, {quantized}, edit_.unique_name(value + "_QuantizeLinear"));
    edit_.add_node("DequantizeLinear", {quantized, scale, zero_point}, {to}, edit_.unique_name(value + "_DequantizeLinear"));
  }

  onnx::GraphEdit edit_;
  const StaticPlan& plan_;
  const QuantizationProfile& profile_;
  std::set<std::string> nodes_;
  std::set<std::string> int8_only_;
  std::map<std::string, Affine> scales_;
};

}  // namespace

Result<void> apply_static(::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
                          std::map<std::string, Range> ranges) {
  if (auto refused = refuse_quantized(model); !refused) return refused;
  if (auto raised = fit_opset(model, profile, 13); !raised) return raised;  // the first with scales per channel
  return StaticQuantizer(*model.mutable_graph(), plan, profile).run(std::move(ranges));
}

}  // namespace podium::convert
