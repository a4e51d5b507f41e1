#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/calibration/calibration.h"
#include "core/quantization_profile.h"
#include "podium/convert.h"

namespace podium::convert {

/// Which nodes run in int8 and which values are quantized for them: the decision, before any number is known.
struct StaticPlan {
  struct Weight {
    std::string value;  ///< initializer
    int axis = -1;      ///< of its channels; -1: one scale for all
  };
  struct Bias {
    std::string value;
    std::string input;  ///< the activation whose scale × that of `weight` is the bias' scale
    std::string weight;
    std::string node;  ///< that reads all three
  };
  std::vector<std::string> nodes;                    ///< names of the nodes that run in int8
  std::vector<std::string> activations;              ///< values to be calibrated and quantized
  std::vector<std::string> int8_only;                ///< of those, the ones that every reader reads as int8, since their node writes int8
  std::vector<std::vector<std::string>> same_range;  ///< groups of activations that share one range (Concat, pooling, Reshape, …)
  std::vector<Weight> weights;
  std::vector<Bias> biases;
  std::map<std::string, std::string> left_wide;  ///< node → why it is not in int8
};

/// Every node of the model has a name (see name_nodes()). `exclude`: names of nodes, or operator types.
[[nodiscard]] Result<StaticPlan> plan_static(const ::onnx::ModelProto& model, const QuantizationProfile& profile,
                                             const std::set<std::string>& exclude);
/// Puts QuantizeLinear and DequantizeLinear where the plan says.
[[nodiscard]] Result<void> apply_static(::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
                                        std::map<std::string, Range> ranges);

/// The operators that are made dynamic int8 unless others are asked for: MatMul, Gemm and LSTM. Not Conv, which made ResNet-50 run 6 times
/// slower on ONNX Runtime, nor Attention, which has to quantize both its factors. bench/dynamic_operators measures each on the
/// machine at hand.
[[nodiscard]] const std::set<std::string>& operators_that_gain();

/// int8 weights, activations quantized while running (DynamicQuantizeLinear, MatMulInteger, …). `operators`: which of MatMul, Gemm, LSTM,
/// Conv and Attention (MatMul of two activations). `exclude`: names of nodes, or operator types.
[[nodiscard]] Result<ConversionReport> quantize_dynamic(::onnx::ModelProto& model, const std::set<std::string>& operators,
                                                        const QuantizationProfile& profile, const std::set<std::string>& exclude);

/// Gives every node without a name, or with one that is not its own, a name.
void name_nodes(::onnx::GraphProto& graph);

}  // namespace podium::convert
