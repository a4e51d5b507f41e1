#pragma once

#include <cstdint>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

struct Simplified {
  std::int64_t folded_constants = 0;    ///< nodes whose result is now an initializer
  std::int64_t folded_batch_norms = 0;  ///< into the convolution, transposed convolution or Gemm before them
  std::int64_t removed_nodes = 0;       ///< that did nothing (Identity, Dropout in inference) or led to no output
};

/// Leaves a model with the same outputs, but for rounding, and fewer nodes: nodes that compute from initializers alone are computed, batch
/// norms are folded (Jacob et al. 2018, section 3.2), nodes without effect go. Inner graphs are left as they are.
[[nodiscard]] Result<Simplified> simplify(::onnx::ModelProto& model);

}  // namespace podium::onnx
