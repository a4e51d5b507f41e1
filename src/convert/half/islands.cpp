#include "convert/half/islands.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <vector>

namespace podium::convert::half {
namespace {

/// Groups of nodes that hand 16-bit values to one another (union-find over the steps of a graph).
class Groups {
 public:
  explicit Groups(std::size_t steps) : parents_(steps), keep_(steps, false) { std::iota(parents_.begin(), parents_.end(), std::size_t{0}); }
  [[nodiscard]] std::size_t of(std::size_t step) {
    while (parents_[step] != step) step = parents_[step] = parents_[parents_[step]];
    return step;
  }
  void join(std::size_t a, std::size_t b) {
    a = of(a);
    b = of(b);
    keep_[a] = keep_[a] || keep_[b];
    parents_[b] = a;
  }
  /// The group is worth its Casts, or needs none on one side.
  void keep(std::size_t step) { keep_[of(step)] = true; }
  [[nodiscard]] bool is_kept(std::size_t step) { return keep_[of(step)]; }

 private:
  std::vector<std::size_t> parents_;
  std::vector<bool> keep_;
};

bool could_be_narrow(const Step& step) {
  return step.wide_because.empty() && (step.role() == Role::arithmetic || step.role() == Role::plain || step.role() == Role::exact);
}

void group(Scope& scope, std::size_t index, std::unordered_map<const Value*, std::size_t>& makers, Groups& groups) {
  const Step& step = scope.steps()[index];
  if (step.role() == Role::arithmetic) groups.keep(index);
  for (const Argument& input : float_inputs(scope, step)) {
    if (!can_be_narrow(input.slot) || input.value->origin == Origin::stored) continue;
    const auto maker = makers.find(input.value);
    if (maker != makers.end()) groups.join(maker->second, index);
    if (input.value->origin == Origin::input) groups.keep(index);
  }
  for (const Argument& output : float_outputs(scope, step)) {
    makers[output.value] = index;
    if (output.value->is_output) groups.keep(index);
  }
}

void keep_islands_wide_in(Scope& scope) {
  std::vector<Step>& steps = scope.steps();
  Groups groups(steps.size());
  std::unordered_map<const Value*, std::size_t> makers;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (could_be_narrow(steps[i])) group(scope, i, makers, groups);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (could_be_narrow(steps[i]) && !groups.is_kept(i)) steps[i].stay_wide("it stands between float32 nodes, and Casts would cost more");
    for (const auto& inner : steps[i].inner) keep_islands_wide_in(*inner);
  }
}

}  // namespace

void keep_islands_wide(Scope& model) {
  keep_islands_wide_in(model);
}

}  // namespace podium::convert::half
