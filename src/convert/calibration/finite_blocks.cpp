#include "convert/calibration/finite_blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <vector>

namespace podium::convert {

/// Floats of one sign are ordered as their bits are, and NaN lies past infinity: two maxima of integers, which compilers vectorize, tell
/// all.
Extent extent_of(std::span<const float> values) noexcept {
  constexpr std::uint32_t infinity = 0x7F800000U;
  constexpr std::uint32_t sign = 0x80000000U;
  std::int32_t most = 0;
  std::uint32_t least = sign;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    most = std::max(most, std::bit_cast<std::int32_t>(bits));
    least = std::max(least, bits);
  }
  const bool finite = std::bit_cast<std::uint32_t>(most) < infinity && least < (sign | infinity);
  return {std::bit_cast<float>(least) + 0.0F, std::bit_cast<float>(most), finite};
}

std::int64_t for_finite_blocks(std::span<const float> values, const std::function<void(std::span<const float>, const Extent&)>& use) {
  constexpr std::size_t block_size = 8192;
  std::int64_t left_out = 0;
  for (; !values.empty(); values = values.subspan(std::min(block_size, values.size()))) {
    const std::span<const float> block = values.first(std::min(block_size, values.size()));
    const Extent extent = extent_of(block);
    if (extent.finite) {
      use(block, extent);
      continue;
    }
    std::vector<float> finite;
    std::copy_if(block.begin(), block.end(), std::back_inserter(finite), [](float value) { return std::isfinite(value); });
    left_out += static_cast<std::int64_t>(block.size() - finite.size());
    if (!finite.empty()) use(finite, extent_of(finite));
  }
  return left_out;
}

}  // namespace podium::convert
