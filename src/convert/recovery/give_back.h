#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "convert/recovery/partial_conversion.h"

/// The search for the layers that a conversion harms most, whatever it converts to.
namespace podium::convert {

/// Whether a candidate is right enough; an error of it ends the conversion.
using Holds = std::function<Result<bool>(const ::onnx::ModelProto& candidate)>;

/// What the conversion of one layer alone costs.
struct Loss {
  std::string layer;
  double sqnr_db = 0.0;  ///< of the outputs over the first 16 inputs or more; minus infinity where they are not finite
};

struct GivenBack {
  std::vector<std::string> layers;  ///< that stay wide so that the bound holds, the worst first where they are not all
  bool holds = false;               ///< false where the bound does not hold for the float model itself; then all are given back
  std::vector<Loss> worst = {};     ///< of the layers that were converted alone, those that cost most, a few
  bool ended_early = false;         ///< the trials were used up before every layer that might be to blame had been converted alone
};

/// Trials that a search may take: models that are run on some inputs to see what a group of layers costs. Enough for a hundred layers of
/// which all have to be told apart, and for thousands of which a few are bad.
inline constexpr std::size_t most_trials = 128;

/// Gives the worst layers back until `holds(model)` says that the bound holds, with as few as possible: layers in order of the error that
/// each causes alone at the outputs, then the least number by trying 1, 2, 4, … and bisection. None where the bound holds already. Assumed
/// is that giving one more layer back never breaks the bound; where it does, the bound holds for what is returned, but fewer layers may
/// have been enough. So they may where `trials` were not enough: then neighbours that were tried together only count as equally bad.
[[nodiscard]] Result<GivenBack> give_back(const ::onnx::ModelProto& model, PartialConversion& conversion, ActivationSource& source,
                                          const Holds& holds, const Progress& progress, std::size_t trials = most_trials);

/// The `count` layers that cost most alone, the worst first.
[[nodiscard]] Result<std::vector<Loss>> worst_layers(const ::onnx::ModelProto& model, PartialConversion& conversion,
                                                     ActivationSource& source, std::size_t count, const Progress& progress);

}  // namespace podium::convert
