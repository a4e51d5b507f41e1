#pragma once

#include <cstdint>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

struct Simplified {
  std::int64_t folded_constants = 0;    ///< nodes whose result is now an initializer
  std::int64_t folded_batch_norms = 0;  ///< into the convolution, transposed convolution or Gemm before them
  std::int64_t removed_nodes = 0;  ///< that did nothing (Identity, Dropout in inference), scaled or shifted channels, or led to no output
};

/// Leaves a model with the same outputs, but for rounding, and fewer nodes: nodes that compute from initializers alone are computed, and
/// so are shapes that do not depend on the inputs; batch norms are folded (Jacob et al. 2018, section 3.2), and what else scales or shifts
/// the channels of a convolution by constants; convolutions pad themselves; nodes without effect go. Constants are initializers afterwards,
/// and no input has one. Inner graphs are left as they are. An error names a node on a cycle.
[[nodiscard]] Result<Simplified> simplify(::onnx::ModelProto& model);

}  // namespace podium::onnx
