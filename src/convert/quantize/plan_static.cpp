#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "convert/quantize.h"
#include "convert/quantize/placement.h"
#include "convert/quantize/quantized_already.h"

namespace podium::convert {
namespace {

/// Writes a placement down as a plan.
class PlanWriter {
 public:
  explicit PlanWriter(const Placement& placement) : placement_(placement) {}

  [[nodiscard]] StaticPlan write() {
    plan_.left_wide = placement_.left_wide();
    for (const Site& site : placement_.sites()) {
      if (site.alive) add(site);
    }
    for (const Site& site : placement_.sites()) {
      if (site.alive) add_same_range(site);
    }
    return std::move(plan_);
  }

 private:
  void add(const Site& site) {
    plan_.nodes.push_back(site.node->name());
    for (const ::onnx::NodeProto* end : site.ends) plan_.nodes.push_back(end->name());
    for (const std::string& value : site.activations) add_activation(placement_.scale_source(value));
    if (placement_.needs_quantized_output(site)) {
      for (const std::string& value : site.last().output()) {
        if (value.empty()) continue;
        add_activation(value);
        plan_.int8_only.push_back(value);
        if (site.node->op_type() == "MaxPool") break;  // its second output holds indices
      }
    }
    if (site.look.weight) add_weight(site, *site.look.weight);
  }

  void add_activation(const std::string& value) {
    if (seen_.insert(value).second) plan_.activations.push_back(value);
  }

  void add_weight(const Site& site, const WeightUse& use) {
    const auto [found, is_new] = weights_.emplace(use.value, plan_.weights.size());
    if (is_new) {
      plan_.weights.push_back({use.value, use.axis});
    } else if (plan_.weights[found->second].axis != use.axis) {
      plan_.weights[found->second].axis = -1;  // read along two axes: only one scale for all suits both
    }
    if (use.bias.empty()) return;
    plan_.biases.push_back({use.bias, placement_.scale_source(site.activations.front()), use.value, site.node->name()});
  }

  void add_same_range(const Site& site) {
    if (site.look.rule->role != Role::join && site.look.rule->role != Role::move) return;
    std::vector<std::string> group;
    const auto add = [&](const std::string& value) {
      if (seen_.contains(value) && std::find(group.begin(), group.end(), value) == group.end()) group.push_back(value);
    };
    for (const std::string& value : site.activations) add(placement_.scale_source(value));
    for (const std::string& value : site.last().output()) add(value);
    if (group.size() > 1) plan_.same_range.push_back(std::move(group));
  }

  const Placement& placement_;
  StaticPlan plan_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, std::size_t> weights_;
};

}  // namespace

Result<StaticPlan> plan_static(const ::onnx::ModelProto& model, const QuantizationProfile& profile, const std::set<std::string>& exclude) {
  if (auto refused = refuse_quantized(model); !refused) return tl::unexpected(std::move(refused.error()));
  const Placement placement(model.graph(), profile, exclude);
  return PlanWriter(placement).write();
}

}  // namespace podium::convert
