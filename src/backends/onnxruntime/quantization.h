#pragma once

#include <vector>

#include "core/quantization_profile.h"

namespace podium::onnxruntime {

/// What the CPU provider wants of int8 models, by what the processor has.
[[nodiscard]] std::vector<QuantizationProfile> quantization_profiles();

}  // namespace podium::onnxruntime
