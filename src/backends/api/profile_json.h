#pragma once

#include <nlohmann/json.hpp>

#include "core/quantization_profile.h"
#include "core/result.h"

namespace podium::backend {

/// A profile as it stands in NAME.json: the members of QuantizationProfile under their own names.
[[nodiscard]] nlohmann::ordered_json profile_to_json(const QuantizationProfile& profile);
/// What is not there keeps its default. Throws nlohmann's exceptions for a member of another type.
[[nodiscard]] Result<QuantizationProfile> profile_from_json(const nlohmann::json& object);

}  // namespace podium::backend
