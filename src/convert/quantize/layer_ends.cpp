#include "convert/quantize/layer_ends.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace podium::convert {

using ::onnx::NodeProto;

LayerEnds find_layer_ends(const GraphView& view, const std::set<const NodeProto*>& products) {
  LayerEnds ends;
  const auto& nodes = view.graph().node();
  std::unordered_set<std::string> behind;  // values with a product before them
  for (const NodeProto& node : nodes) {
    const bool is_behind = std::any_of(node.input().begin(), node.input().end(), [&](const auto& value) { return behind.contains(value); });
    const bool is_product = products.contains(&node);
    if (is_product && !is_behind) ends.first.insert(&node);
    if (is_behind || is_product) behind.insert(node.output().begin(), node.output().end());
  }
  std::unordered_set<std::string> before;  // values with a product behind them
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const bool is_before =
        std::any_of(node->output().begin(), node->output().end(), [&](const auto& value) { return before.contains(value); });
    const bool is_product = products.contains(&*node);
    if (is_product && !is_before) ends.last.insert(&*node);
    if (is_before || is_product) before.insert(node->input().begin(), node->input().end());
  }
  return ends;
}

}  // namespace podium::convert
