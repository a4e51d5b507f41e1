#include "backends/onnxruntime/quantization.h"

namespace podium::onnxruntime {

std::vector<QuantizationProfile> quantization_profiles() {
  QuantizationProfile profile;
  profile.name = "onnxruntime";
  // Its kernels for 8-bit activations are fastest on x86 with unsigned ones, and fuse an operator only between Q/DQ on all its inputs and
  // on its output. Those listed have such a kernel; products of matrices hand over float too.
  profile.operators = {"Conv",      "Gemm",    "MatMul",    "Add",          "Mul",       "Concat",      "MaxPool",
                       "Reshape",   "Flatten", "Transpose", "Squeeze",      "Unsqueeze", "Slice",       "Split",
                       "Gather",    "Expand",  "Resize",    "DepthToSpace", "Identity",  "AveragePool", "GlobalAveragePool",
                       "LeakyRelu", "Sigmoid"};
  profile.dynamic_operators = {"MatMul", "Gemm", "LSTM", "Conv", "Attention"};
  profile.float_outputs = {"MatMul", "Gemm"};

  QuantizationProfile with_dot_product = profile;
  with_dot_product.instructions = {"avx512_vnni", "avx_vnni", "asimddp"};
  // Without them a pair of u8 × s8 products is added up in 16 bits, and saturates with 8-bit weights.
  profile.reduced_range_weights = true;
  return {with_dot_product, profile};
}

}  // namespace podium::onnxruntime
