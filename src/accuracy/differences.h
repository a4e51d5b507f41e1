#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "accuracy/rows.h"

namespace podium::accuracy {

/// Sums over the values of one output that tell how far answers are from the baseline's; of one sample, or of several added up. A value
/// that the baseline gives as an infinity or no number, and the answers likewise, is in none of them.
struct Differences {
  double signal = 0.0;    ///< squares of the baseline's values, its mean output over all samples taken away
  double total = 0.0;     ///< squares of the baseline's values
  double noise = 0.0;     ///< squares of the differences
  double answer = 0.0;    ///< squares of the answers' values
  double product = 0.0;   ///< of answer and baseline
  double absolute = 0.0;  ///< of the differences
  double largest = 0.0;   ///< difference
  std::size_t count = 0;
  bool finite = true;  ///< false where the answers hold an infinity or no number where the baseline does not, or the other way round

  Differences& operator+=(const Differences& other);
  /// Signal to quantization noise, 10·log10(signal ÷ noise); infinite where there is no noise.
  [[nodiscard]] double sqnr_db() const;
  /// Nothing where one side is all zeros.
  [[nodiscard]] std::optional<double> cosine() const;
};

/// Of each sample; all rows must have as many values of that output.
[[nodiscard]] std::vector<Differences> differences_of(Rows baseline, Rows answers, std::size_t output);

/// Whether samples have different numbers of values of an output, which then have no mean.
[[nodiscard]] bool lengths_vary(Rows rows, std::size_t output);

}  // namespace podium::accuracy
