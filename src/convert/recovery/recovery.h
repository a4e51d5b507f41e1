#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/quantize.h"

/// Ways to win back what int8 loses. Each edits a model that still computes the same in float.
namespace podium::convert {

/// Evens out the ranges of the channels of neighbouring layers (Nagel et al. 2019, Data-Free Quantization, section 4.1). Returns pairs.
[[nodiscard]] Result<std::int64_t> equalize_layers(::onnx::ModelProto& model);

/// Moves the outliers of activations into the weights of the MatMul behind them (Xiao et al. 2023, SmoothQuant), at strength `alpha`.
/// Returns how many MatMul were smoothed.
[[nodiscard]] Result<std::int64_t> smooth(::onnx::ModelProto& model, double alpha, ActivationSource& source, const Progress& progress);

/// Takes the mean error that quantized weights cause at each layer's output out of its bias (Nagel et al. 2019, section 4.2; by real
/// activations). `quantized` is what apply_static() made of `model`. Returns how many biases changed.
[[nodiscard]] Result<std::int64_t> correct_biases(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized, ActivationSource& source,
                                                  const Progress& progress);

struct Sensitivity {
  std::vector<std::string> given_back;  ///< nodes that stay wide so that the bound holds, the worst first
  double sqnr_db = 0.0;                 ///< of the outputs, mean output taken away, with them wide
  bool holds = false;
};

/// Gives the worst layers back to float until `holds(model)` says that the bound holds, with as few as possible: layers in order of the
/// error that each causes alone, then the least number by bisection.
[[nodiscard]] Result<Sensitivity> give_back_layers(const ::onnx::ModelProto& model, const StaticPlan& plan,
                                                   const QuantizationProfile& profile, const std::map<std::string, Range>& ranges,
                                                   ActivationSource& source,
                                                   const std::function<Result<bool>(const ::onnx::ModelProto&)>& holds,
                                                   const Progress& progress);

}  // namespace podium::convert
