#include "backends/tensorrt/quantization.h"

namespace podium::tensorrt {

std::vector<QuantizationProfile> quantization_profiles(std::int64_t newest_opset) {
  QuantizationProfile profile;
  profile.name = "tensorrt";
  // Signed numbers around zero only. Its parser refused stored int8 weights and int32 biases for a long time; weights behind a pair of Q
  // and DQ it folds itself, and biases are added in float.
  profile.activation_type = DataType::int8;
  profile.symmetric_activations = true;
  profile.store_int8_weights = false;
  profile.quantize_bias = false;
  // A convolution ends with a residual Add and an activation function; only the Add's other input is quantized. A pair anywhere in between
  // keeps them from becoming one kernel. Scales move through pooling and reshaping by themselves.
  profile.quantize_residual_adds = false;
  profile.quantize_behind_moves = false;
  profile.operators = {
      "Conv",      "ConvTranspose", "Gemm",      "MatMul", "Add",      "Concat", "MaxPool",     "Reshape",          "Flatten",
      "Transpose", "Squeeze",       "Unsqueeze", "Slice",  "Identity", "Resize", "AveragePool", "GlobalAveragePool"};
  profile.float_outputs = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "AveragePool", "GlobalAveragePool"};
  profile.newest_opset = newest_opset;
  return {profile};
}

}  // namespace podium::tensorrt
