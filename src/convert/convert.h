#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/calibration/calibration.h"
#include "convert/progress.h"
#include "convert/recovery/give_back.h"
#include "core/quantization_profile.h"
#include "podium/convert.h"

namespace podium::convert {

/// Raise whenever a model comes out differently than before: converted models are cached under it.
inline constexpr int converter_version = 4;

struct ConvertSettings {
  Precision to = Precision::int8_static;  ///< fp16, bf16, int8_dynamic or int8_static
  QuantizationProfile profile;            ///< of the engine that will run the model
  std::set<std::string> exclude;          ///< names of nodes, or operator types, that stay wide
  bool keep_io = true;                    ///< of fp16 and bf16: inputs and outputs stay float32
  CalibrationSettings calibration;        ///< of int8_static; whether it is symmetric is the profile's
  bool equalize = false;                  ///< of int8_static: cross-layer equalization before calibration
  std::optional<double> smooth;           ///< of int8_static: SmoothQuant, at this strength
  bool correct_biases = false;            ///< of int8_static: bias correction at the end
  Holds holds;                            ///< where given, the worst layers are given back to float until it says yes; needs a source
};

/// Turns a float32 model into `settings.to`: batch norms folded, in an operator set that the engine reads and the new nodes exist in.
/// `source` lends an engine and the calibration inputs: needed for int8_static and for a bound, looked at for half precision where it is
/// given. Candidates of fp16 and bf16 are asked for the bound rounded(), with float32 inputs and outputs.
/// ErrorCode::unsupported where no node of the model can be converted; ErrorCode::check_failed where the bound holds for no choice of
/// layers.
[[nodiscard]] Result<ConversionReport> convert(::onnx::ModelProto& model, const ConvertSettings& settings, ActivationSource* source,
                                               const Progress& progress);

/// Where a conversion loses most: the nodes that harm the outputs most when each is converted alone, the worst first, each in a sentence
/// that says by how much and what its numbers are like. `model` is what convert() takes; for models whose answers turned out wrong.
[[nodiscard]] Result<std::vector<std::string>> find_losses(::onnx::ModelProto model, const ConvertSettings& settings,
                                                           ActivationSource& source, const Progress& progress);

/// An fp16 or bf16 model as any engine runs it that runs the original: in float32, each value rounded to 16 bits where it is made.
[[nodiscard]] Result<::onnx::ModelProto> rounded(const ::onnx::ModelProto& half);

}  // namespace podium::convert
