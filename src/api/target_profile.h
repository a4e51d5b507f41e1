#pragma once

#include <string>

#include "backends/api/registry.h"
#include "core/quantization_profile.h"
#include "core/result.h"

namespace podium::api {

/// What this backend wants of an int8 model on this processor.
[[nodiscard]] QuantizationProfile profile_of(const backend::Descriptor& descriptor);

/// By name; "any": what all engines that keep to ONNX run. An unknown name is an error that names the nearest.
[[nodiscard]] Result<QuantizationProfile> target_profile(const std::string& target);

}  // namespace podium::api
