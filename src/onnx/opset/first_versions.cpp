#include <utility>

#include "onnx/opset/rules.h"

namespace podium::onnx {

namespace {

/// Operators that came after version 11, the oldest that is written.
constexpr std::pair<std::string_view, std::int64_t> operators[] = {
    {"Celu", 12},
    {"Einsum", 12},
    {"GreaterOrEqual", 12},
    {"LessOrEqual", 12},
    {"NegativeLogLikelihoodLoss", 12},
    {"SoftmaxCrossEntropyLoss", 12},
    {"HardSwish", 14},
    {"Trilu", 14},
    {"Bernoulli", 15},
    {"CastLike", 15},
    {"Optional", 15},
    {"OptionalGetElement", 15},
    {"OptionalHasElement", 15},
    {"GridSample", 16},
    {"BlackmanWindow", 17},
    {"DFT", 17},
    {"HammingWindow", 17},
    {"HannWindow", 17},
    {"LayerNormalization", 17},
    {"MelWeightMatrix", 17},
    {"STFT", 17},
    {"SequenceMap", 17},
    {"BitwiseAnd", 18},
    {"BitwiseNot", 18},
    {"BitwiseOr", 18},
    {"BitwiseXor", 18},
    {"CenterCropPad", 18},
    {"Col2Im", 18},
    {"GroupNormalization", 18},
    {"Mish", 18},
    {"DeformConv", 19},
    {"AffineGrid", 20},
    {"Gelu", 20},
    {"ImageDecoder", 20},
    {"RegexFullMatch", 20},
    {"StringConcat", 20},
    {"StringSplit", 20},
    {"Attention", 23},
    {"RMSNormalization", 23},
    {"RotaryEmbedding", 23},
    {"Swish", 24},
    {"TensorScatter", 24},
    {"BitCast", 26},
    {"CumProd", 26},
    {"CausalConvWithState", 27},
    {"LinearAttention", 27},
    {"SwiGLU", 28},
};

/// Of which number on an element type is there; numbers are those of TensorProto.DataType, which grow with time.
constexpr std::pair<int, std::int64_t> types[] = {{27, 28}, {25, 25}, {24, 24}, {23, 23}, {21, 21}, {17, 19}, {16, 13}};

}  // namespace

std::int64_t first_version(std::string_view op_type) noexcept {
  for (const auto& [name, version] : operators) {
    if (name == op_type) return version;
  }
  return 1;
}

std::int64_t first_version_of_type(int element_type) noexcept {
  for (const auto& [first, version] : types) {
    if (element_type >= first) return version;
  }
  return 1;
}

}  // namespace podium::onnx
