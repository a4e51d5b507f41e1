#include "convert/calibration/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace podium::convert {
namespace {

constexpr int bins_exponent = std::countr_zero(Histogram::bins);
/// Below it, the factor that turns a magnitude into its bin would not be a float.
constexpr int smallest_exponent = -100;
constexpr std::uint32_t zero_counters = 8;
constexpr std::size_t block_size = 1024;

}  // namespace

std::span<const std::uint64_t> Histogram::above() const noexcept {
  return extent_.high > 0.0F ? std::span(counts_).subspan(zero_counters, bins) : std::span<const std::uint64_t>();
}

std::span<const std::uint64_t> Histogram::below() const noexcept {
  return extent_.low < 0.0F ? std::span(counts_).subspan(zero_counters + bins, bins) : std::span<const std::uint64_t>();
}

double Histogram::width() const noexcept {
  return exponent_ ? std::ldexp(1.0, *exponent_ - bins_exponent) : 0.0;
}

void Histogram::add(std::span<const float> values, const Extent& extent) {
  extent_.low = std::min(extent_.low, extent.low);
  extent_.high = std::max(extent_.high, extent.high);
  count_ += values.size();
  const float largest = std::max(extent.high, -extent.low);
  if (largest == 0.0F) return;
  hold(largest);
  if (extent_.low < 0.0F) counts_.resize(zero_counters + 2 * bins);
  for (; !values.empty(); values = values.subspan(std::min(block_size, values.size()))) {
    count_block(values.first(std::min(block_size, values.size())));
  }
}

void Histogram::hold(float largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  exponent = std::max(exponent, smallest_exponent);
  if (!exponent_) {
    counts_.resize(zero_counters + bins);
    exponent_ = exponent;
  }
  if (exponent > *exponent_) widen(exponent);
}

void Histogram::widen(int exponent) {
  const int doublings = std::min(exponent - *exponent_, bins_exponent);
  for (std::size_t side = zero_counters; side < counts_.size(); side += bins) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::uint64_t count = std::exchange(counts_[side + bin], 0);
      counts_[side + (bin >> static_cast<unsigned>(doublings))] += count;
    }
  }
  exponent_ = exponent;
}

/// The places are found for many numbers at once, by whole-number operations that compilers vectorize, before any is counted. Zeros, many
/// behind a ReLU, take turns among several counters, so that each need not wait for the one before.
void Histogram::count_block(std::span<const float> values) {
  constexpr std::uint32_t magnitude_bits = 0x7FFFFFFFU;
  constexpr int float_bias = 127;
  constexpr int mantissa_bits = 23;
  const float scale = std::ldexp(1.0F, bins_exponent - *exponent_);
  // The memory may be another process', which could change it behind our back: no number leads outside.
  const std::int32_t most = ((*exponent_ + float_bias) << mantissa_bits) - 1;
  const std::uint32_t has_below = extent_.low < 0.0F ? 1U : 0U;
  std::array<std::uint32_t, block_size> places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    const std::int32_t magnitude = std::min(std::bit_cast<std::int32_t>(bits & magnitude_bits), most);
    const auto bin = static_cast<std::uint32_t>(static_cast<std::int32_t>(std::bit_cast<float>(magnitude) * scale));
    const std::uint32_t place = zero_counters + bin + ((bits >> 31U) & has_below) * static_cast<std::uint32_t>(bins);
    places[i] = magnitude == 0 ? static_cast<std::uint32_t>(i) % zero_counters : place;
  }
  for (std::size_t i = 0; i < values.size(); ++i) ++counts_[places[i]];
}

}  // namespace podium::convert
