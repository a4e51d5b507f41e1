#include "core/numbers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace podium {

namespace {

template <typename T>
std::vector<float> convert(const std::byte* data, std::size_t count) {
  std::vector<float> floats(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data + i * sizeof(T), sizeof(T));  // outputs of a foreign engine need not be aligned
    floats[i] = static_cast<float>(value);
  }
  return floats;
}

template <float (*to_float)(std::uint16_t) noexcept>
std::vector<float> convert_bits(const std::byte* data, std::size_t count) {
  std::vector<float> floats(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, data + i * sizeof bits, sizeof bits);
    floats[i] = to_float(bits);
  }
  return floats;
}

}  // namespace

float bfloat16_to_float(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

float float16_to_float(std::uint16_t bits) noexcept {
  const bool negative = (bits & 0x8000U) != 0;
  const int exponent = (bits >> 10U) & 0x1F;
  const int fraction = bits & 0x3FF;
  float magnitude = 0.0F;
  if (exponent == 0x1F) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return negative ? -magnitude : magnitude;
}

std::uint16_t float_to_bfloat16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);  // rounding could turn it into infinity
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

std::uint16_t float_to_float16(float value) noexcept {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | 0x7C00U);  // half way past the largest number
  // Numbers are counted in units of their last place; nearbyint() rounds ties to even.
  const int exponent = magnitude == 0.0F ? -14 : std::max(std::ilogb(magnitude), -14);
  const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  // A carry out of the fraction raises the exponent, which is what it should do.
  return static_cast<std::uint16_t>(sign + (static_cast<std::uint32_t>(exponent + 14) << 10U) + units);
}

std::vector<float> to_floats(const std::byte* data, DataType type, std::size_t count) {
  switch (type) {
    case DataType::float32:
      return convert<float>(data, count);
    case DataType::float64:
      return convert<double>(data, count);
    case DataType::float16:
      return convert_bits<float16_to_float>(data, count);
    case DataType::bfloat16:
      return convert_bits<bfloat16_to_float>(data, count);
    case DataType::int8:
      return convert<std::int8_t>(data, count);
    case DataType::int16:
      return convert<std::int16_t>(data, count);
    case DataType::int32:
      return convert<std::int32_t>(data, count);
    case DataType::int64:
      return convert<std::int64_t>(data, count);
    case DataType::uint8:
    case DataType::boolean:
      return convert<std::uint8_t>(data, count);
    case DataType::uint16:
      return convert<std::uint16_t>(data, count);
    case DataType::uint32:
      return convert<std::uint32_t>(data, count);
    case DataType::uint64:
      return convert<std::uint64_t>(data, count);
  }
  return {};
}

}  // namespace podium
