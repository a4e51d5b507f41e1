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

}  // namespace

std::span<const std::uint64_t> Histogram::above() const noexcept {
  return extent_.high > 0.0F ? std::span(counts_).first(bins) : std::span<const std::uint64_t>();
}

std::span<const std::uint64_t> Histogram::below() const noexcept {
  return extent_.low < 0.0F ? std::span(counts_).subspan(bins, bins) : std::span<const std::uint64_t>();
}

double Histogram::width() const noexcept {
  return exponent_ ? std::ldexp(1.0, *exponent_ - bins_exponent) : 0.0;
}

void Histogram::add(std::span<const float> values, const Extent& extent) {
  extent_.low = std::min(extent_.low, extent.low);
  extent_.high = std::max(extent_.high, extent.high);
  count_ += values.size();
  const float largest = std::max(extent.high, -extent.low);
  if (largest == 0.0F) {
    zeros_ += values.size();
    return;
  }
  hold(largest);
  if (extent_.low < 0.0F) counts_.resize(2 * bins);
  count_nonzero(values);
}

void Histogram::hold(float largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  exponent = std::max(exponent, smallest_exponent);
  if (!exponent_) {
    counts_.resize(bins);
    exponent_ = exponent;
  }
  if (exponent > *exponent_) widen(exponent);
}

void Histogram::widen(int exponent) {
  const int doublings = std::min(exponent - *exponent_, bins_exponent);
  for (std::size_t side = 0; side < counts_.size(); side += bins) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::uint64_t count = std::exchange(counts_[side + bin], 0);
      counts_[side + (bin >> static_cast<unsigned>(doublings))] += count;
    }
  }
  exponent_ = exponent;
}

/// Zeros are many behind a ReLU; left out of the list of bins, they do not make each count wait for the one before.
void Histogram::count_nonzero(std::span<const float> values) {
  constexpr std::size_t block_size = 1024;
  constexpr auto last = static_cast<float>(bins - 1);
  const bool has_below = counts_.size() > bins;
  const float scale = std::ldexp(1.0F, bins_exponent - *exponent_);
  std::array<std::uint32_t, block_size> places;
  for (; !values.empty(); values = values.subspan(std::min(block_size, values.size()))) {
    std::size_t nonzero = 0;
    for (const float value : values.first(std::min(block_size, values.size()))) {
      const float place = std::fabs(value) * scale;
      // The memory may be another process', which could change it behind our back: no number leads outside.
      const auto bin = static_cast<std::int32_t>(place < last ? place : last);
      places[nonzero] = static_cast<std::uint32_t>(bin) + (value < 0.0F && has_below ? static_cast<std::uint32_t>(bins) : 0U);
      nonzero += value != 0.0F ? 1U : 0U;
    }
    for (std::size_t i = 0; i < nonzero; ++i) ++counts_[places[i]];
    zeros_ += std::min(block_size, values.size()) - nonzero;
  }
}

}  // namespace podium::convert
