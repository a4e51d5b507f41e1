#include "core/quantization_profile.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace podium {
namespace {

/// Instructions that add up products of 8 bits in 32; without them, x86 adds pairs up in 16 and saturates.
constexpr std::array<std::string_view, 3> dot_products{"avx512_vnni", "avx_vnni", "asimddp"};

bool multiplies_in_32_bits(std::string_view instruction) {
  return std::find(dot_products.begin(), dot_products.end(), instruction) != dot_products.end();
}

}  // namespace

QuantizationProfile choose_profile(std::span<const QuantizationProfile> profiles, std::span<const std::string> isa) {
  const auto fits = [&](const QuantizationProfile& profile) {
    const auto is_here = [&](const std::string& name) { return std::find(isa.begin(), isa.end(), name) != isa.end(); };
    return profile.instructions.empty() || std::any_of(profile.instructions.begin(), profile.instructions.end(), is_here);
  };
  const auto found = std::find_if(profiles.begin(), profiles.end(), fits);
  if (found != profiles.end()) return *found;
  QuantizationProfile any;
  any.reduced_range_weights = std::none_of(isa.begin(), isa.end(), [](const std::string& name) { return multiplies_in_32_bits(name); });
  return any;
}

}  // namespace podium
