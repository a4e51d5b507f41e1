#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "core/numbers.h"
#include "core/text.h"
#include "data/input_set.h"

namespace podium::data {

namespace {

/// Numbers that are the same on every machine: the distributions of the standard library differ from one to the next.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : engine_(seed) {}

  /// Standard normal, by the method of Box and Muller.
  float normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return static_cast<float>(radius * std::cos(2.0 * std::numbers::pi * uniform()));
  }
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

 private:
  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }  // 0 … 1, without 1
  std::mt19937_64 engine_;
};

template <typename Value, typename Draw>
std::vector<std::byte> fill(std::size_t count, Draw&& draw) {
  std::vector<std::byte> bytes(count * sizeof(Value));
  for (std::size_t i = 0; i < count; ++i) {
    const Value value = draw();
    std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
  }
  return bytes;
}

/// Digits are valid in every vocabulary, and in most tables of anything else.
template <typename Value>
std::vector<std::byte> fill_digits(std::size_t count, Numbers& numbers, bool is_mask) {
  return fill<Value>(count, [&] { return static_cast<Value>(is_mask ? 1 : numbers.below(10)); });
}

std::vector<std::byte> draw(DataType type, std::size_t count, Numbers& numbers, bool is_mask) {
  const auto number = [&numbers, is_mask] { return is_mask ? 1.0F : numbers.normal(); };
  switch (type) {
    case DataType::float32:
      return fill<float>(count, number);
    case DataType::float64:
      return fill<double>(count, number);
    case DataType::float16:
      return fill<std::uint16_t>(count, [&number] { return float_to_float16(number()); });
    case DataType::bfloat16:
      return fill<std::uint16_t>(count, [&number] { return float_to_bfloat16(number()); });
    case DataType::boolean:
      return fill<std::uint8_t>(count, [&] { return static_cast<std::uint8_t>(is_mask ? 1 : numbers.below(2)); });
    case DataType::int8:
    case DataType::uint8:
      return fill_digits<std::uint8_t>(count, numbers, is_mask);
    case DataType::int16:
    case DataType::uint16:
      return fill_digits<std::uint16_t>(count, numbers, is_mask);
    case DataType::int32:
    case DataType::uint32:
      return fill_digits<std::uint32_t>(count, numbers, is_mask);
    case DataType::int64:
    case DataType::uint64:
      return fill_digits<std::uint64_t>(count, numbers, is_mask);
  }
  return {};
}

/// Elements of an input; an error where the shape is not concrete, or is larger than any memory.
Result<std::size_t> checked_count(const WantedInput& input) {
  constexpr std::int64_t most_elements = std::int64_t{1} << 36;
  std::int64_t count = 1;
  for (const std::int64_t size : input.shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count) || count > most_elements) {
      return fail(ErrorCode::wrong_use,
                  fmt::format("no input can be generated for '{}': its shape is not known or too large", printable(input.name)),
                  fmt::format("name it with --shape {}=SIZExSIZE", printable(input.name)));
    }
  }
  return static_cast<std::size_t>(count);
}

}  // namespace

Result<InputSet> generate_inputs(const std::vector<WantedInput>& inputs, std::size_t count, std::uint64_t seed) {
  Numbers numbers(seed);
  InputSet set{inputs, {}, fmt::format("{} generated input{} (seed {})", count, count == 1 ? "" : "s", seed), false};
  for (std::size_t i = 0; i < count; ++i) {
    Sample sample;
    for (const WantedInput& input : inputs) {
      const Result<std::size_t> elements = checked_count(input);
      if (!elements) return tl::unexpected(elements.error());
      const bool is_mask = input.name.find("mask") != std::string::npos;
      sample.push_back(draw(input.type, *elements, numbers, is_mask));
    }
    set.samples.push_back(std::move(sample));
  }
  return set;
}

}  // namespace podium::data
