#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/quantize.h"

/// Ways to win back what int8 loses. Each edits a model that still computes the same in float.
namespace podium::convert {

/// Evens out the ranges of the channels of neighbouring layers (Nagel et al. 2019, Data-Free Quantization, section 4.1): convolutions and
/// Gemm, with nothing but operators between them that a positive scale passes through (Relu, not Relu6). Returns how many pairs.
[[nodiscard]] Result<std::int64_t> equalize_layers(::onnx::ModelProto& model);

struct Smoothed {
  std::int64_t layers = 0;            ///< MatMul and Gemm that were smoothed
  std::vector<std::string> inserted;  ///< nodes that scale in between: they must stay float (see plan_static()'s `exclude`)
};

/// Moves the outliers of activations into the weights of the MatMul and Gemm behind a layer normalization (Xiao et al. 2023, SmoothQuant,
/// equation 4), at strength `alpha`: 0 leaves the activations' outliers where they are, 1 moves them whole. The scale goes into gamma and
/// beta, or into a Mul of its own where something else reads the normalization too.
[[nodiscard]] Result<Smoothed> smooth(::onnx::ModelProto& model, double alpha, ActivationSource& source, const Progress& progress);

/// Takes the mean error that quantized weights cause at each layer's output out of its bias (Nagel et al. 2019, section 4.2; by real
/// activations, of the float model, in one run for all layers). `quantized` is what apply_static() made of `model`, with the same names of
/// nodes. A layer without a bias stays as it is. Returns how many biases changed.
[[nodiscard]] Result<std::int64_t> correct_biases(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized, ActivationSource& source,
                                                  const Progress& progress);

struct Sensitivity {
  std::vector<std::string> given_back;  ///< Conv, ConvTranspose, Gemm and MatMul that stay wide so that the bound holds, the worst first
  StaticPlan plan;                      ///< without them, and without what was in int8 only for their sake
  std::map<std::string, Range> ranges;  ///< that the plan needs: those that were given, and of values that only it quantizes
  double sqnr_db = 0.0;  ///< of the plan's outputs over all batches, mean output taken away; infinite where it quantizes nothing
  bool holds = false;    ///< false where the bound does not hold for the float model itself; then all layers are given back
};

/// Gives the worst layers back to float until `holds(model)` says that the bound holds, with as few as possible: layers in order of the
/// error that each causes alone at the outputs, over the first 16 inputs or more, then the least number by bisection. That takes one run of
/// those inputs for each layer and log₂(layers) calls of `holds`; none where the bound holds already. Assumed is that giving one more layer
/// back never breaks the bound; where it does, the bound holds for what is returned, but fewer layers may have been enough.
/// `model` is what apply_static() takes; its outputs are kept for all batches.
[[nodiscard]] Result<Sensitivity> give_back_layers(const ::onnx::ModelProto& model, const StaticPlan& plan,
                                                   const QuantizationProfile& profile, const std::map<std::string, Range>& ranges,
                                                   ActivationSource& source,
                                                   const std::function<Result<bool>(const ::onnx::ModelProto&)>& holds,
                                                   const Progress& progress);

}  // namespace podium::convert
