#pragma once

#include <map>
#include <set>
#include <span>
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

/// What is added to the bias of a layer: minus the mean error of each of its channels.
struct BiasShift {
  std::string layer;
  std::string bias_node;  ///< that holds the bias: the layer itself, or the Add behind a MatMul
  int bias_input = 2;
  std::vector<double> by_channel;
};

/// Finds the mean error that quantized weights cause at each layer's output out of its bias (Nagel et al. 2019, section 4.2; by real
/// activations, of the float model, in one run for all layers). `quantized` is what apply_static() made of `model`, with the same names of
/// nodes. It depends on no other layer, so what was found for all of them holds for some of them too.
[[nodiscard]] Result<std::vector<BiasShift>> find_bias_shifts(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized,
                                                              ActivationSource& source, const Progress& progress);

/// Shifts the biases of those layers whose weights are quantized. Returns how many changed.
[[nodiscard]] Result<std::int64_t> shift_biases(::onnx::ModelProto& quantized, std::span<const BiasShift> shifts);

/// Both, one after the other: takes the mean error out of the biases. A layer without a bias stays as it is.
[[nodiscard]] Result<std::int64_t> correct_biases(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized, ActivationSource& source,
                                                  const Progress& progress);

}  // namespace podium::convert
