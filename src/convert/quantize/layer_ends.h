#pragma once

#include <set>

#include "convert/quantize/graph_view.h"

namespace podium::convert {

struct LayerEnds {
  std::set<const ::onnx::NodeProto*> first;  ///< products with no product before them
  std::set<const ::onnx::NodeProto*> last;   ///< products with no product behind them
};

[[nodiscard]] LayerEnds find_layer_ends(const GraphView& view, const std::set<const ::onnx::NodeProto*>& products);

}  // namespace podium::convert
