#include "convert/half/node_groups.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace podium::convert::half {
namespace {

/// Each number that comes out is one that goes in, at most with another sign.
constexpr std::array<std::string_view, 21> moves{
    "Abs",     "Compress",        "Concat", "DepthToSpace", "Expand",  "Flatten",      "Gather", "GatherND",  "Identity", "Neg",      "Pad",
    "Reshape", "ReverseSequence", "Slice",  "Split",        "Squeeze", "SpaceToDepth", "Tile",   "Transpose", "Trilu",    "Unsqueeze"};

/// Where stored numbers are moved too (an embedding's rows, but not what Pad fills up with), they are rounded here, and that may cost.
bool only_moves(Scope& scope, const Step& step) {
  const std::string& type = step.node->op_type();
  if (std::find(moves.begin(), moves.end(), type) == moves.end()) return false;
  const std::vector<Argument> inputs = float_inputs(scope, step);
  return std::none_of(inputs.begin(), inputs.end(),
                      [&](const Argument& input) { return input.value->origin == Origin::stored && (type != "Pad" || input.index == 0); });
}

class Grouper {
 public:
  void take(Scope& scope, const Step& step) {
    if (!step.is_narrow || step.role() == Role::compare) return;
    const bool moves_only = only_moves(scope, step);
    const std::size_t index = group_for(scope, step, moves_only);
    Group& group = groups_[index];
    if (!moves_only) group.named.name = step.node->name();
    group.computes = group.computes || !moves_only;
    group.named.nodes.push_back(step.node->name());
    for (const Argument& output : float_outputs(scope, step)) made_in_[output.value] = index;
  }

  [[nodiscard]] std::vector<NodeGroup> groups() && {
    std::vector<NodeGroup> named;
    for (Group& group : groups_) named.push_back(std::move(group.named));
    return named;
  }

 private:
  struct Group {
    NodeGroup named;
    bool computes = false;
  };

  /// What moves goes with the node before it. What computes takes along moves before it that no node made in 16 bits: of an input, say.
  [[nodiscard]] std::size_t group_for(Scope& scope, const Step& step, bool moves_only) {
    for (const Argument& input : float_inputs(scope, step)) {
      const auto made = made_in_.find(input.value);
      if (made != made_in_.end() && (moves_only || !groups_[made->second].computes)) return made->second;
    }
    groups_.push_back({{step.node->name(), {}}, false});
    return groups_.size() - 1;
  }

  std::vector<Group> groups_;
  std::unordered_map<const Value*, std::size_t> made_in_;
};

}  // namespace

std::vector<NodeGroup> node_groups(Scope& model) {
  Grouper grouper;
  for_each_step(model, [&](Scope& scope, Step& step) { grouper.take(scope, step); });
  return std::move(grouper).groups();
}

}  // namespace podium::convert::half
