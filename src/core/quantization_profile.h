#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/types.h"

namespace podium {

/// What an engine wants of an int8 model, on the processor at hand: facts of the engine, told by its backend's descriptor, so that the
/// converter names none.
struct QuantizationProfile {
  std::string name = "any";                          ///< "any", or the backend's name
  DataType activation_type = DataType::uint8;        ///< or int8
  bool symmetric_activations = false;                ///< zero point 0 (int8) or 128 (uint8)
  bool reduced_range_weights = false;                ///< 7 bits: pairs of u8 × s8 products overflow 16 bits where there is no VNNI
  bool quantize_residual_adds = true;                ///< false: an Add stays in float, but for what its reader quantizes anyway
  bool quantize_bias = true;                         ///< as int32, at scale of input × scale of weight
  bool quantize_linear_weights_per_channel = true;   ///< of MatMul and Gemm; convolutions are always so
  std::int64_t newest_opset = 0;                     ///< that the engine reads; 0: any
  std::vector<std::string> operators;                ///< that it runs in int8; empty: all that the converter knows
};

}  // namespace podium
