#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/types.h"

namespace podium {

[[nodiscard]] float bfloat16_to_float(std::uint16_t bits) noexcept;
[[nodiscard]] float float16_to_float(std::uint16_t bits) noexcept;  ///< IEEE 754 binary16
/// Rounds to the nearest, ties to even.
[[nodiscard]] std::uint16_t float_to_bfloat16(float value) noexcept;
[[nodiscard]] std::uint16_t float_to_float16(float value) noexcept;
/// Any element type to float, for judging outputs.
[[nodiscard]] std::vector<float> to_floats(const std::byte* data, DataType type, std::size_t count);

}  // namespace podium
