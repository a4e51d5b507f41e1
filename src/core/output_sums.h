#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace podium {

/// Every output of one input (one row of a batch), in the model's order, joined into one vector each.
using Row = std::vector<std::vector<float>>;

/// What one output of a model and the baseline's differ by, of one input or summed over several. Numbers that are not finite in both alike
/// are left out.
struct OutputSums {
  double signal = 0.0;    ///< Σ (baseline - mean output of the baseline)²
  double total = 0.0;     ///< Σ baseline²
  double noise = 0.0;     ///< Σ (answer - baseline)²
  double answer = 0.0;    ///< Σ answer²
  double product = 0.0;   ///< Σ baseline · answer
  double absolute = 0.0;  ///< Σ |answer - baseline|
  double largest = 0.0;   ///< max |answer - baseline|
  std::size_t count = 0;  ///< of the numbers summed
  bool finite = true;     ///< false where one of the two is not finite and the other is, or is so in another way

  /// Signal to quantization noise after the baseline's mean output is taken away, since a network whose outputs barely differ between
  /// inputs would otherwise agree with anything. In decibels; infinite where nothing differs, minus infinity where the baseline's outputs
  /// are the same for every input and the answers are not.
  [[nodiscard]] double sqnr_db() const noexcept;
  /// Nothing where one side is all zeros.
  [[nodiscard]] std::optional<double> cosine() const noexcept;
  OutputSums& operator+=(const OutputSums& other) noexcept;
};

/// Of each input, by the mean output over all. Rows are of like count and like lengths of this output; there is at least one.
[[nodiscard]] std::vector<OutputSums> sums_of_rows(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output);
/// Over all inputs.
[[nodiscard]] OutputSums sum_up(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output);

/// Whether inputs have different numbers of values of an output (it depends on the data), which then have no mean.
[[nodiscard]] bool lengths_vary(std::span<const Row> rows, std::size_t output);

}  // namespace podium
