#pragma once

#include <cstdint>

#include "core/quantization_profile.h"
#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::convert {

/// Brings the model to a version of the operator set that has what int8 needs and that the engine reads.
[[nodiscard]] Result<void> fit_opset(::onnx::ModelProto& model, const QuantizationProfile& profile, std::int64_t oldest);

}  // namespace podium::convert
