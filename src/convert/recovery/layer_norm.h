#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "onnx/graph_edit.h"

namespace podium::convert {

/// Where a layer normalization multiplies by gamma and adds beta, each an initializer.
struct LayerNormScale {
  ::onnx::NodeProto* gamma_node = nullptr;
  int gamma_input = 0;
  ::onnx::NodeProto* beta_node = nullptr;  ///< null where there is no beta
  int beta_input = 0;
};

/// Of the normalization over the last axis that makes `value`: as one LayerNormalization node, or in parts as PyTorch exports it below
/// operator set 17, (x - ReduceMean(x)) / Sqrt(…) · gamma + beta. `width`: of the last axis. Nothing where it is neither, or where gamma
/// and beta are not one number for each place of that axis.
[[nodiscard]] std::optional<LayerNormScale> layer_norm_scale(const onnx::GraphEdit& edit, const std::string& value, std::int64_t width);

}  // namespace podium::convert
