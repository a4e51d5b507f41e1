#include "backends/openvino/quantization.h"

namespace podium::openvino {

std::vector<QuantizationProfile> quantization_profiles() {
  QuantizationProfile profile;
  profile.name = "openvino";
  // Its products take int8 in and hand over float, with the activation function as their end; scales move through pooling and reshaping by
  // themselves, and biases stay in float. A residual Add becomes the end of the convolution before it only where both its inputs are
  // quantized: else its float scales keep most Adds apart, in float, with the convolution's output written and read again.
  profile.quantize_bias = false;
  profile.quantize_behind_moves = false;
  profile.dynamic_weights_only = true;
  profile.dynamic_operators = {"MatMul", "Gemm"};
  profile.float_outputs = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "Mul", "AveragePool", "GlobalAveragePool", "ReduceMean"};
  profile.fused_ends = {"Relu",        "Clip",      "LeakyRelu", "PRelu", "Elu",  "Sigmoid",
                        "HardSigmoid", "HardSwish", "Swish",     "Mish",  "Tanh", "Gelu"};

  QuantizationProfile with_dot_product = profile;
  with_dot_product.instructions = {"avx512_vnni", "avx_vnni", "asimddp"};
  profile.reduced_range_weights = true;
  return {with_dot_product, profile};
}

}  // namespace podium::openvino
