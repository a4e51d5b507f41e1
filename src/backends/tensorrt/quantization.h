#pragma once

#include <cstdint>
#include <vector>

#include "core/quantization_profile.h"

namespace podium::tensorrt {

/// What it wants of int8 models, on any processor. `newest_opset`: of ONNX, that its parser reads.
[[nodiscard]] std::vector<QuantizationProfile> quantization_profiles(std::int64_t newest_opset);

}  // namespace podium::tensorrt
