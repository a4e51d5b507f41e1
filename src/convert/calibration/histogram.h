#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "convert/calibration/finite_blocks.h"

namespace podium::convert {

/// Counts numbers in bins of one width, magnitudes above and below zero apart, zeros for themselves. The width is a power of two; where a
/// number falls outside, it is doubled and neighbours are merged, so that memory stays the same and the counts are those that the last
/// width would have given from the start: neither the order of the numbers nor how they were cut into batches shows.
class Histogram {
 public:
  static constexpr std::size_t bins = 8192;  ///< on each side; more than half of them are in use on the wider one

  /// Finite numbers and what they span.
  void add(std::span<const float> values, const Extent& extent);

  /// Bin i counts the magnitudes in [i × width, (i + 1) × width) of numbers above zero, or below it. Empty where there was none.
  [[nodiscard]] std::span<const std::uint64_t> above() const noexcept;
  [[nodiscard]] std::span<const std::uint64_t> below() const noexcept;
  [[nodiscard]] double width() const noexcept;                           ///< 0 before the first number other than zero
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }  ///< zeros included
  [[nodiscard]] float low() const noexcept { return extent_.low; }
  [[nodiscard]] float high() const noexcept { return extent_.high; }

 private:
  void hold(float largest);
  void widen(int exponent);
  void count_block(std::span<const float> values);

  std::vector<std::uint64_t> counts_;  ///< of zeros, then above, then below, once there is a negative number
  std::optional<int> exponent_;        ///< magnitudes lie below 2^exponent
  std::uint64_t count_ = 0;
  Extent extent_;
};

}  // namespace podium::convert
