#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/tensor_view.h"
#include "podium/options.h"

namespace podium::fake {

/// What the fake answers: for each row of the batch, weighted sums of what lies in that row of every input, so that an answer
/// depends on its input and on nothing else. Options distort it.
class Answer {
 public:
  static constexpr std::size_t outputs_per_row = 8;

  Answer(const OptionValues& options, std::int64_t rows);
  /// The output for these inputs; valid until the next call.
  [[nodiscard]] std::span<const TensorView> compute(std::span<const TensorView> inputs);

 private:
  void add_noise();
  void swap_with_previous();

  std::string kind_;
  double noise_db_;
  std::vector<float> values_;
  std::vector<float> previous_;
  std::mt19937 random_{20260101};  // fixed: two runs of the fake agree
  TensorView output_;
};

}  // namespace podium::fake
