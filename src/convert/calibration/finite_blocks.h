#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace podium::convert {

/// What numbers span, zero included: low ≤ 0 ≤ high.
struct Extent {
  float low = 0.0F;
  float high = 0.0F;
  bool finite = true;  ///< no infinity and no NaN among them
};

[[nodiscard]] Extent extent_of(std::span<const float> values) noexcept;

/// Hands over the finite ones of `values` in pieces that fit the processor's cache, each with its extent. Returns how many were left out.
std::int64_t for_finite_blocks(std::span<const float> values, const std::function<void(std::span<const float>, const Extent&)>& use);

}  // namespace podium::convert
