#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "podium/results.h"

/// Which of several cells are faster than which, with what certainty. The launch of a worker is the unit of inference: samples and
/// blocks of one launch share its memory layout, its thread placement and its minutes, and are no independent evidence.
namespace podium::measure {

/// Two cells whose ratio lies within ±1 % are the same for every purpose: a winner must be outside.
inline constexpr double equivalence_margin = 0.01;
inline constexpr double confidence = 0.95;

enum class Relation { faster, slower, tied };

/// Logarithm of the ratio of two cells in one launch: the mean over their common rounds of the difference of the rounds' log medians.
struct LaunchDifference {
  std::int64_t launch = 0;
  double log_ratio = 0.0;
};

/// All cells of one batch size, compared pair by pair.
class Comparison {
 public:
  /// `cells` hold the blocks of each cell; `bridges` are the cells (baseline, leader) that every heat holds, through which cells are
  /// compared that have no round in common within a launch.
  Comparison(std::vector<std::span<const Block>> cells, std::vector<std::size_t> bridges);

  /// Latency of `a` ÷ latency of `b`: under 1, `a` is faster. Student's t over launches; over the rounds of the one launch where there is
  /// one only (Ratio::launches is 1 then). Nothing where they cannot be compared.
  [[nodiscard]] std::optional<Ratio> ratio(std::size_t a, std::size_t b) const;
  /// Faster or slower where the interval, corrected by Holm's method over all pairs, lies wholly outside ±1 %.
  [[nodiscard]] Relation relation(std::size_t a, std::size_t b) const;

 private:
  struct Pair {
    std::optional<Ratio> ratio;  ///< of the smaller index ÷ the larger
    double p_value = 1.0;        ///< of the hypothesis that the ratio is within ±1 %, two-sided
    Relation relation = Relation::tied;
  };
  [[nodiscard]] const Pair& pair(std::size_t a, std::size_t b) const;

  std::size_t count_ = 0;
  std::vector<Pair> pairs_;
};

}  // namespace podium::measure
