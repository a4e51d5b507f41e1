#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "measure/rounds.h"
#include "podium/results.h"

/// Which of several cells are faster than which, with what certainty. The launch of a worker is the unit of inference: samples and
/// blocks of one launch share its memory layout, its thread placement and its minutes, and are no independent evidence.
namespace podium::measure {

/// Two cells whose ratio lies within ±1 % are the same for every purpose: a winner must be outside.
inline constexpr double equivalence_margin = 0.01;
inline constexpr double confidence = 0.95;
/// Cells that differ by more than this are told apart by their distance where they share one launch only: launches of one cell were never
/// seen to differ by anything near it.
inline constexpr double apart_without_test = 2.0;

/// The same where they share two or more and differ by this in each: two builds of one cell that differ leave a single degree of freedom,
/// say.
inline constexpr double apart_in_every_launch = 1.5;

/// The same where they share no launch at all, so that drift is in the difference.
inline constexpr double apart_unpaired = 5.0;

/// So many cells with the same two launches tell enough of the deviation between launches.
inline constexpr std::size_t fewest_cells_to_pool = 4;
/// Of a pair from launch to launch, where a few launches say less and must not be believed: relative, 0.03 is 3 %.
inline constexpr double assumed_deviation = 0.03;

enum class Relation { faster, slower, tied };

/// Logarithm of the ratio of two cells in one launch: the Hodges–Lehmann estimate of the difference of the log medians of their common
/// rounds. Where they have none (another memory heat), the sum of the two differences to a bridge, meaned over the bridges.
struct LaunchDifference {
  std::int64_t launch = 0;
  double log_ratio = 0.0;
  double error_variance = 0.0;  ///< of log_ratio, by the deviation between the rounds of this launch; 0 where it has one round only
  std::int64_t build_of_a = 0;
  std::int64_t build_of_b = 0;
};

/// What is known of the logarithm of the ratio of two cells.
struct LogRatio {
  double value = 0.0;
  std::optional<Interval> ci95;
  double standard_error = 0.0;
  double degrees_of_freedom = 0.0;  ///< of Student's t; 0 where nothing is known of the deviation
  double rounds_error = 0.0;        ///< standard error that the deviation between rounds alone explains: the least it can be
  std::int64_t launches = 0;

  /// Half the width of the interval at a confidence, by Student's t; infinite where nothing is known of the deviation.
  [[nodiscard]] double half_width(double at_confidence) const;
  [[nodiscard]] LogRatio reversed() const;
};

/// All cells of one batch size, compared pair by pair.
///
/// With two launches or more, the mean of the launches' differences with Student's t over them (Georges et al. 2007; Kalibera and Jones
/// 2013). Two launches alone tell next to nothing of their deviation: where four cells or more have them, that of all pairs is pooled, as
/// in a randomized block design with launches as blocks (Montgomery 2017, chapter 4), and never taken for less than assumed_deviation. A
/// pair that strays too much for that knows its own two launches alone. Where a cell was rebuilt and its builds differ by more than their
/// launches explain (F test at 5 %), builds are the units. With one launch, its rounds are the units, by signed ranks; such an interval
/// does not cover what another launch would do.
class Comparison {
 public:
  /// `cells` hold the blocks of each cell; `bridges` are the cells (baseline, leader) that every heat holds, through which cells are
  /// compared that have no round in common within a launch.
  Comparison(std::vector<std::span<const Block>> cells, std::vector<std::size_t> bridges);

  /// Latency of `a` ÷ latency of `b`: under 1, `a` is faster. Student's t over launches; over the rounds of the one launch where there is
  /// one only (Ratio::launches is 1 then). Nothing where they cannot be compared.
  [[nodiscard]] std::optional<Ratio> ratio(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::optional<LogRatio> log_ratio(std::size_t a, std::size_t b) const;
  /// Faster or slower where the interval, corrected over all pairs by Holm's method (A Simple Sequentially Rejective Multiple Test
  /// Procedure, 1979), lies wholly outside ±1 %. With one common launch where they differ more than apart_without_test, and by the test
  /// only where no cell has a second launch; with two and more also where all differ by more than apart_in_every_launch to the same side;
  /// with none, and no bridge, where they differ more than apart_unpaired.
  [[nodiscard]] Relation relation(std::size_t a, std::size_t b) const;
  /// Of the eligible cells that have been measured, the one that the ratios put first; nothing where there is none.
  [[nodiscard]] std::optional<std::size_t> fastest(const std::vector<bool>& eligible) const;
  [[nodiscard]] std::int64_t launches(std::size_t cell) const { return static_cast<std::int64_t>(cells_[cell].size()); }

 private:
  using Launches = std::map<std::int64_t, LaunchRounds>;
  struct Pair {
    std::vector<LaunchDifference> differences;  ///< one for each launch that both have
    std::optional<LogRatio> ratio;              ///< of the smaller index ÷ the larger
    double p_value = 1.0;                       ///< of the hypothesis that the ratio is within ±1 %, two-sided
    bool told_apart = false;
    [[nodiscard]] bool is_apart_without_test() const;
  };
  using TwoLaunches = std::pair<std::int64_t, std::int64_t>;
  struct PooledError {
    double standard_error = 0.0;
    double degrees_of_freedom = 0.0;
  };
  [[nodiscard]] std::size_t index_of(std::size_t smaller, std::size_t larger) const;
  [[nodiscard]] const Pair& pair(std::size_t a, std::size_t b) const;
  [[nodiscard]] Pair compare(std::size_t a, std::size_t b, const std::vector<std::size_t>& bridges) const;
  void pool_deviations_of_two_launches();
  [[nodiscard]] std::optional<PooledError> pooled_error(TwoLaunches launches) const;
  [[nodiscard]] static bool is_restless(const LogRatio& ratio, const PooledError& pooled);
  void join_over_bridges(const std::vector<std::size_t>& bridges);
  void correct_for_all_pairs();
  [[nodiscard]] Relation relation_by_distance(std::size_t a, std::size_t b) const;

  std::vector<Launches> cells_;
  std::vector<Pair> pairs_;
};

}  // namespace podium::measure
