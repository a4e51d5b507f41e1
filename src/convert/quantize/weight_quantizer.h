#pragma once

#include <map>
#include <set>
#include <string>

#include "convert/quantize.h"
#include "convert/quantize/scales.h"
#include "onnx/graph_edit.h"

namespace podium::convert {

/// Stores weights as int8 and biases as int32, each behind a DequantizeLinear. Where the engine stores no int8, weights stay float behind a
/// QuantizeLinear and a DequantizeLinear.
class WeightQuantizer {
 public:
  /// `input_scales`: of activations, by name.
  WeightQuantizer(onnx::GraphEdit& edit, const StaticPlan& plan, const QuantizationProfile& profile,
                  const std::map<std::string, Affine>& input_scales);

  /// For the plan's nodes that read it; others keep reading the float tensor. An error names a tensor that cannot be read or is not finite.
  [[nodiscard]] Result<void> quantize(const StaticPlan::Weight& weight);

 private:
  struct Biases;
  [[nodiscard]] Result<std::vector<Biases>> biases_of(const StaticPlan::Weight& weight) const;
  /// The value that quantized nodes read instead of the weight.
  [[nodiscard]] std::string add_quantized(const StaticPlan::Weight& weight, const std::vector<float>& values, const Shape& shape,
                                          const std::vector<float>& scales);
  void store_bias(const Biases& bias, const std::vector<float>& scales);

  onnx::GraphEdit& edit_;
  const StaticPlan& plan_;
  const std::map<std::string, Affine>& input_scales_;
  std::int64_t largest_;
  bool store_int8_;
  std::set<std::string> nodes_;
};

/// `value` as stored numbers behind a DequantizeLinear with these scales, along `axis` where there are several; returns the value that it
/// makes. The zero point is 0.
[[nodiscard]] std::string add_dequantized(onnx::GraphEdit& edit, const std::string& value, const Shape& shape,
                                          const std::vector<std::int64_t>& numbers, DataType type, const std::vector<float>& scales,
                                          int axis);

/// A float tensor behind a QuantizeLinear to int8 and its DequantizeLinear with these scales; returns the value that they make.
[[nodiscard]] std::string add_pair(onnx::GraphEdit& edit, const std::string& value, const std::vector<float>& scales, int axis);

}  // namespace podium::convert
