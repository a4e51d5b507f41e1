#include "convert/half/operators.h"

#include <algorithm>
#include <array>

namespace podium::convert::half {
namespace {

constexpr std::string_view adds_up = "adds up many numbers, and 16 bits may round at each step";
constexpr std::string_view grows = "makes a large error, or a number out of range, of a small one in its input";
constexpr std::string_view squares = "adds up squares or powers of its input, which leave the range";
constexpr std::string_view period = "needs its angle exactly";
constexpr std::string_view steps = "carries its rounding on from step to step";
constexpr std::string_view rare = "has a 16-bit kernel in few engines";
constexpr std::string_view random = "makes numbers of a type that its attributes tell";
constexpr std::string_view exact_numbers = "computes sizes, indices or boxes, which 16 bits cannot hold";
constexpr std::string_view quantized = "is part of a quantized model";

/// Operator sets and signatures are those of the `onnx` package's schemas (1.23.2). What stays wide follows PyTorch's autocast
/// (docs: "CUDA Ops that can autocast to float32"), but for Softmax and normalizations that compute inside in float32 anyway.
constexpr auto table = std::to_array<Operator>({
    {"Abs", 1, 13, "T>T", Role::exact},
    {"Acos", 7, 22, "T>T", Role::wide, period},
    {"Acosh", 9, 22, "T>T", Role::wide, grows},
    {"Add", 1, 13, "TT>T", Role::exact},
    {"AffineGrid", 20, 20, "Ti>T", Role::wide, rare},
    {"ArgMax", 1, 13, "T>i", Role::plain},
    {"ArgMin", 1, 13, "T>i", Role::plain},
    {"Asin", 7, 22, "T>T", Role::wide, period},
    {"Asinh", 9, 22, "T>T", Role::wide, period},
    {"Atan", 7, 22, "T>T", Role::wide, period},
    {"Atanh", 9, 22, "T>T", Role::wide, grows},
    {"Attention", 23, 23, "TTTUTTi>TTTT", Role::arithmetic},
    {"AveragePool", 1, 22, "T>T", Role::plain},
    {"BatchNormalization", 1, 14, "TTTTT>TTTTT", Role::plain},
    {"Bernoulli", 15, 15, "U>.", Role::wide, random},
    {"BlackmanWindow", 17, 17, ".>.", Role::wide, rare},
    {"Cast", 1, 13, "U>.", Role::reader},
    {"CastLike", 15, 15, "U.>.", Role::wide, rare},
    {"Ceil", 1, 13, "T>T", Role::exact},
    {"Celu", 28, 28, "T>T", Role::plain},
    {"CenterCropPad", 18, 18, "T>T", Role::wide, rare},
    {"Clip", 1, 13, "TTT>T", Role::exact},
    {"Col2Im", 18, 18, "Tii>T", Role::wide, rare},
    {"Compress", 9, 28, "Tb>T", Role::plain},
    {"Concat", 1, 13, "T*>T", Role::exact},
    {"ConstantOfShape", 9, 20, "i>T", Role::plain},
    {"Conv", 1, 22, "TTT>T", Role::arithmetic},
    {"ConvTranspose", 1, 22, "TTT>T", Role::arithmetic},
    {"Cos", 7, 22, "T>T", Role::wide, period},
    {"Cosh", 9, 22, "T>T", Role::wide, grows},
    {"CumProd", 26, 26, "T.>T", Role::wide, grows},
    {"CumSum", 14, 14, "T.>T", Role::wide, adds_up},
    {"DFT", 17, 17, "T.i>T", Role::wide, rare},
    {"DeformConv", 19, 22, "TfTTT>T", Role::arithmetic},
    {"DepthToSpace", 1, 13, "T>T", Role::plain},
    {"DequantizeLinear", 19, 19, ".f.>.", Role::wide, quantized},
    {"Det", 11, 22, "T>T", Role::wide, rare},
    {"Div", 1, 13, "TT>T", Role::exact},
    {"Dropout", 1, 13, "TUb>Tb", Role::plain},
    {"DynamicQuantizeLinear", 0, 0, "f>.f.", Role::wide, quantized},
    {"Einsum", 12, 28, "T*>T", Role::arithmetic},
    {"Elu", 1, 22, "T>T", Role::plain},
    {"Equal", 11, 13, "TT>b", Role::compare},
    {"Erf", 9, 13, "T>T", Role::plain},
    {"Exp", 1, 13, "T>T", Role::wide, grows},
    {"Expand", 8, 13, "Ti>T", Role::exact},
    {"EyeLike", 9, 22, "U>.", Role::wide, random},
    {"Flatten", 1, 13, "T>T", Role::exact},
    {"Floor", 1, 13, "T>T", Role::exact},
    {"GRU", 1, 22, "TTTT.T>TT", Role::wide, steps},
    {"Gather", 1, 13, "T.>T", Role::exact},
    {"GatherElements", 11, 13, "T.>T", Role::plain},
    {"GatherND", 11, 13, "Ti>T", Role::plain},
    {"Gelu", 20, 20, "T>T", Role::plain},
    {"Gemm", 1, 13, "TTT>T", Role::arithmetic},
    {"GlobalAveragePool", 1, 22, "T>T", Role::plain},
    {"GlobalLpPool", 1, 22, "T>T", Role::wide, squares},
    {"GlobalMaxPool", 1, 22, "T>T", Role::plain},
    {"Greater", 1, 13, "TT>b", Role::compare},
    {"GreaterOrEqual", 12, 16, "TT>b", Role::compare},
    {"GridSample", 16, 22, "Tf>T", Role::plain},
    {"GroupNormalization", 21, 21, "TTT>T", Role::plain},
    {"HammingWindow", 17, 17, ".>.", Role::wide, rare},
    {"HannWindow", 17, 17, ".>.", Role::wide, rare},
    {"HardSigmoid", 1, 22, "T>T", Role::plain},
    {"HardSwish", 14, 22, "T>T", Role::plain},
    {"Hardmax", 1, 13, "T>T", Role::plain},
    {"Identity", 1, 13, "T>T", Role::exact},
    {"If", 1, 16, "b>.*", Role::branch},
    {"InstanceNormalization", 1, 22, "TTT>T", Role::wide, squares},
    {"IsInf", 20, 20, "U>b", Role::reader},
    {"IsNaN", 9, 13, "U>b", Role::reader},
    {"LRN", 1, 13, "T>T", Role::wide, squares},
    {"LSTM", 1, 22, "TTTT.TTT>TTT", Role::wide, steps},
    {"LayerNormalization", 17, 17, "TTT>Tff", Role::plain},
    {"LeakyRelu", 1, 16, "T>T", Role::plain},
    {"Less", 1, 13, "TT>b", Role::compare},
    {"LessOrEqual", 12, 16, "TT>b", Role::compare},
    {"Log", 1, 13, "T>T", Role::wide, grows},
    {"LogSoftmax", 1, 13, "T>T", Role::plain},
    {"Loop", 1, 16, ".*>.*", Role::wide, steps},
    {"LpNormalization", 1, 22, "T>T", Role::wide, squares},
    {"LpPool", 1, 22, "T>T", Role::wide, squares},
    {"MatMul", 1, 13, "TT>T", Role::arithmetic},
    {"Max", 1, 13, "T*>T", Role::exact},
    {"MaxPool", 1, 22, "T>Ti", Role::plain},
    {"MaxRoiPool", 1, 22, "TT>T", Role::wide, rare},
    {"MaxUnpool", 9, 22, "Tii>T", Role::wide, rare},
    {"Mean", 1, 13, "T*>T", Role::exact},
    {"MeanVarianceNormalization", 9, 13, "T>T", Role::wide, squares},
    {"MelWeightMatrix", 17, 17, "...UU>.", Role::wide, rare},
    {"Min", 1, 13, "T*>T", Role::exact},
    {"Mish", 18, 22, "T>T", Role::plain},
    {"Mod", 10, 13, "TT>T", Role::exact},
    {"Mul", 1, 13, "TT>T", Role::exact},
    {"Multinomial", 7, 22, "U>.", Role::wide, random},
    {"Neg", 1, 13, "T>T", Role::exact},
    {"NonMaxSuppression", 0, 0, "ffiff>i", Role::wide, exact_numbers},
    {"NonZero", 9, 13, "U>i", Role::reader},
    {"OneHot", 9, 28, "..T>T", Role::plain},
    {"PRelu", 1, 16, "TT>T", Role::plain},
    {"Pad", 1, 13, "TiT.>T", Role::plain},
    {"Pow", 1, 13, "TU>T", Role::wide, grows},
    {"QLinearConv", 0, 0, ".f..f..f>.", Role::wide, quantized},
    {"QLinearMatMul", 21, 21, ".f..f.f.>.", Role::wide, quantized},
    {"QuantizeLinear", 19, 19, "ff.>.", Role::wide, quantized},
    {"RMSNormalization", 23, 23, "TT>T", Role::plain},
    {"RNN", 1, 22, "TTTT.T>TT", Role::wide, steps},
    {"RandomNormal", 1, 22, ">.", Role::wide, random},
    {"RandomNormalLike", 1, 22, "U>.", Role::wide, random},
    {"RandomUniform", 1, 22, ">.", Role::wide, random},
    {"RandomUniformLike", 1, 22, "U>.", Role::wide, random},
    {"Range", 27, 27, "TTT>T", Role::wide, exact_numbers},
    {"Reciprocal", 1, 13, "T>T", Role::wide, grows},
    {"ReduceL1", 1, 13, "Ti>T", Role::wide, adds_up},
    {"ReduceL2", 1, 13, "Ti>T", Role::wide, squares},
    {"ReduceLogSum", 1, 13, "Ti>T", Role::wide, grows},
    {"ReduceLogSumExp", 1, 13, "Ti>T", Role::wide, grows},
    {"ReduceMax", 1, 13, "Ti>T", Role::plain},
    {"ReduceMean", 1, 13, "Ti>T", Role::wide, adds_up},
    {"ReduceMin", 1, 13, "Ti>T", Role::plain},
    {"ReduceProd", 1, 13, "Ti>T", Role::wide, grows},
    {"ReduceSum", 1, 13, "Ti>T", Role::wide, adds_up},
    {"ReduceSumSquare", 1, 13, "Ti>T", Role::wide, squares},
    {"Relu", 1, 13, "T>T", Role::plain},
    {"Reshape", 1, 13, "Ti>T", Role::exact},
    {"Resize", 10, 13, "Tffi>T", Role::plain},
    {"ReverseSequence", 10, 28, "Ti>T", Role::plain},
    {"RoiAlign", 10, 22, "TTi>T", Role::wide, rare},
    {"RotaryEmbedding", 23, 23, "TTTi>T", Role::plain},
    {"Round", 11, 22, "T>T", Role::exact},
    {"STFT", 17, 17, "T.T.>T", Role::wide, rare},
    {"Scan", 8, 16, ".*>.*", Role::wide, steps},
    {"ScatterElements", 11, 13, "T.T>T", Role::plain},
    {"ScatterND", 11, 13, "TiT>T", Role::plain},
    {"Selu", 1, 22, "T>T", Role::plain},
    {"Shape", 1, 13, "U>i", Role::reader},
    {"Shrink", 9, 0, "T>T", Role::plain},
    {"Sigmoid", 1, 13, "T>T", Role::plain},
    {"Sign", 9, 13, "T>T", Role::plain},
    {"Sin", 7, 22, "T>T", Role::wide, period},
    {"Sinh", 9, 22, "T>T", Role::wide, grows},
    {"Size", 1, 13, "U>i", Role::reader},
    {"Slice", 1, 13, "T....>T", Role::exact},
    {"Softmax", 1, 13, "T>T", Role::plain},
    {"Softplus", 1, 22, "T>T", Role::wide, grows},
    {"Softsign", 1, 22, "T>T", Role::plain},
    {"SpaceToDepth", 1, 13, "T>T", Role::plain},
    {"Split", 1, 13, "Ti>T*", Role::exact},
    {"Sqrt", 1, 13, "T>T", Role::wide, grows},
    {"Squeeze", 1, 13, "Ti>T", Role::exact},
    {"Sub", 1, 13, "TT>T", Role::exact},
    {"Sum", 1, 13, "T*>T", Role::exact},
    {"SwiGLU", 28, 28, "TT>T", Role::plain},
    {"Swish", 24, 24, "T>T", Role::plain},
    {"Tan", 7, 22, "T>T", Role::wide, period},
    {"Tanh", 1, 13, "T>T", Role::plain},
    {"TfIdfVectorizer", 0, 0, ".>f", Role::wide, rare},
    {"ThresholdedRelu", 10, 22, "T>T", Role::plain},
    {"Tile", 1, 13, "Ti>T", Role::exact},
    {"TopK", 1, 24, "Ti>Ti", Role::plain},
    {"Transpose", 1, 13, "T>T", Role::exact},
    {"Trilu", 14, 14, "Ti>T", Role::plain},
    {"Unique", 11, 28, "T>Tiii", Role::wide, rare},
    {"Unsqueeze", 1, 13, "Ti>T", Role::exact},
    {"Upsample", 1, 0, "Tf>T", Role::plain},
    {"Where", 9, 16, "bTT>T", Role::exact},
});

/// The letter of an argument in one half of a signature.
Slot slot_of(std::string_view letters, int index) noexcept {
  const bool repeats = letters.ends_with('*');
  if (repeats) letters.remove_suffix(1);
  const auto place = static_cast<std::size_t>(index);
  if (place < letters.size()) return static_cast<Slot>(letters[place]);
  return repeats && !letters.empty() ? static_cast<Slot>(letters.back()) : Slot::other;
}

}  // namespace

Slot Operator::input(int index) const noexcept {
  return slot_of(signature.substr(0, signature.find('>')), index);
}

Slot Operator::output(int index) const noexcept {
  return slot_of(signature.substr(signature.find('>') + 1), index);
}

const Operator* find_operator(const ::onnx::NodeProto& node) noexcept {
  if (!node.domain().empty() && node.domain() != "ai.onnx") return nullptr;
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Operator& it) { return it.type == node.op_type(); });
  return row == table.end() ? nullptr : row;
}

}  // namespace podium::convert::half
