#include "core/numbers.h"

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
