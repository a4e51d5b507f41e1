#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "podium/types.h"

namespace podium {

/// What an engine wants of an int8 model, on the processor at hand: facts of the engine, told by its backend's descriptor, so that the
/// converter names none. The defaults suit every engine that keeps to ONNX.
struct QuantizationProfile {
  std::string name = "any";                    ///< "any", or the backend's name
  std::vector<std::string> instructions;       ///< the processor has one of these, as environment.isa spells them; empty: any processor
  DataType activation_type = DataType::uint8;  ///< or int8
  bool symmetric_activations = false;          ///< zero point 0 (int8) or 128 (uint8)
  bool reduced_range_weights = false;          ///< 7 bits: pairs of u8 × s8 products overflow 16 bits where there is no VNNI
  /// Both inputs. False: Add runs as the end of the convolution or product before it, and only the other input is quantized.
  bool quantize_residual_adds = true;
  bool quantize_bias = true;                        ///< as int32, at scale of input × scale of weight
  bool quantize_linear_weights_per_channel = true;  ///< of MatMul and Gemm; convolutions are always so
  bool quantize_attention = true;                   ///< products of two activations too
  bool quantize_first_layers = true;                ///< the products that the inputs reach first
  bool quantize_last_layers = true;                 ///< the products with no product behind them
  bool quantize_behind_moves = true;  ///< Q/DQ also behind MaxPool, Reshape and the like; false: the engine takes the scale through
  /// false: weights stay float in the file, behind a QuantizeLinear and a DequantizeLinear that the engine computes while it builds.
  bool store_int8_weights = true;
  bool dynamic_weights_only = false;           ///< int8-dynamic: weights alone are stored as int8, the engine quantizes activations itself
  std::int64_t newest_opset = 0;               ///< that the engine reads; 0: any
  std::vector<std::string> operators;          ///< that it runs in int8; empty: all that the converter knows
  std::vector<std::string> dynamic_operators;  ///< likewise, activations quantized while running; empty: all that the converter knows
  /// Run in int8 although their output is float; others need a QuantizeLinear behind them.
  std::vector<std::string> float_outputs;
  /// Run as the end of a product before them, so that the product's own output is not quantized.
  std::vector<std::string> fused_ends = {"Relu", "Clip"};
};

/// The first profile whose instructions the processor has. Where none fits, the defaults, with weights of 7 bits where the processor needs
/// that.
[[nodiscard]] QuantizationProfile choose_profile(std::span<const QuantizationProfile> profiles, std::span<const std::string> isa);

}  // namespace podium
