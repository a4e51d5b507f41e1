#include "core/quantization_profile.h"

#include <algorithm>

namespace podium {

QuantizationProfile choose_profile(std::span<const QuantizationProfile> profiles, std::span<const std::string> isa) {
  const auto fits = [&](const QuantizationProfile& profile) {
    const auto is_here = [&](const std::string& name) { return std::find(isa.begin(), isa.end(), name) != isa.end(); };
    return profile.instructions.empty() || std::any_of(profile.instructions.begin(), profile.instructions.end(), is_here);
  };
  const auto found = std::find_if(profiles.begin(), profiles.end(), fits);
  return found != profiles.end() ? *found : QuantizationProfile();
}

}  // namespace podium
