#pragma once

#include <cstdint>

#include "onnx/graph_edit.h"
#include "onnx/value_facts.h"

/// The passes of simplify(). Each leaves what a graph inside a node reads, and what the graph hands out, under its name.
namespace podium::onnx {

/// Computes nodes whose inputs are all initializers, and whole numbers that do not depend on the inputs (shapes). Bounded: a result may
/// take 4 MiB or twice what it is computed from, all reads and writes together 64 MiB and four times the weights. Returns how many nodes
/// went. Nodes are sorted.
[[nodiscard]] std::int64_t fold_constants(GraphEdit& edit, const ValueFacts& facts, std::int64_t opset);

/// Takes out nodes that hand on what they read: Identity, Dropout in inference, casts to the type that is there, and the like. Returns how
/// many.
[[nodiscard]] std::int64_t bypass_nodes(GraphEdit& edit, const ValueFacts& facts);

/// Lets convolutions pad with zeros themselves what a Pad before them would: engines that compute in int8 do not run a Pad in it. Returns
/// how many convolutions do.
std::int64_t fold_padding(GraphEdit& edit);

struct FoldedAffine {
  std::int64_t batch_norms = 0;
  std::int64_t other_nodes = 0;  ///< Mul, Add, Sub, Div by channel
};

/// Puts what scales and shifts the channels of a convolution, transposed convolution or Gemm into its weights and bias.
[[nodiscard]] FoldedAffine fold_affine(GraphEdit& edit);

}  // namespace podium::onnx
