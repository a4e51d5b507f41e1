#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

/// Decisions about when to measure what. Nothing here reads a clock or starts anything, so all of it is tested with made-up times.
namespace podium::measure {

/// The order of the live cells in each round: a permutation drawn from a seed, the same on every machine.
class RoundOrder {
 public:
  explicit RoundOrder(std::uint64_t seed) : generator_(seed) {}
  /// `live` in the order of the next round. Its first cell is never the one that ended the round before, so that no cell
  /// has two blocks running, unless it is the only one.
  [[nodiscard]] std::vector<std::size_t> next(std::span<const std::size_t> live);

 private:
  std::mt19937_64 generator_;
  std::optional<std::size_t> last_;
};

/// What one block is asked to do; the fields are those of the worker's `measure`.
struct BlockPlan {
  std::chrono::nanoseconds duration{0};
  std::int64_t minimum_samples = 1;
  std::int64_t maximum_samples = 1;
  std::int64_t iterations_per_sample = 1;
  std::int64_t lead_in_samples = 0;  ///< of the block's first samples, for split_lead_in()
};

/// A sample lasts at least this long, so that the two clock reads around it (some 50 ns) stay under 1 % of it.
inline constexpr std::chrono::nanoseconds shortest_sample{10'000};
/// Scored samples that even the slowest cell gives in a block, so that its median means something.
inline constexpr std::int64_t fewest_scored_samples = 3;
/// More samples than this tell nothing new about a block and only swell the results file.
inline constexpr std::int64_t most_scored_samples = 2000;

/// Plans a block of about `target` for a cell whose calls take about `estimated_iteration`, after `lead_in` calls that are not scored.
[[nodiscard]] BlockPlan plan_block(std::chrono::nanoseconds estimated_iteration, std::int64_t lead_in, std::chrono::nanoseconds target);

/// Of one launch.
inline constexpr std::int64_t fewest_rounds = 4;
inline constexpr std::int64_t most_rounds = 8;

/// How a cell is measured in one launch.
struct LaunchPlan {
  std::chrono::nanoseconds block{0};
  std::int64_t rounds = 1;
};

/// Shares a cell's budget out over `launches` and each share over four to eight rounds: fewer would leave nothing to pair and no room for a
/// disturbed one, more would pay for switches. A block lasts 20 ms to 1 s; of a share over eight seconds the rest buys more launches, which
/// tell more than longer ones.
[[nodiscard]] LaunchPlan plan_launch(std::chrono::nanoseconds cell_budget, std::int64_t launches);

}  // namespace podium::measure
