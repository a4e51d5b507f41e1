#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "podium/results.h"

/// How the best number of requests in flight is found. Nothing here reads a clock or starts anything.
namespace podium::search {

/// Tries 1, 2, 4, … requests. A number is better only where it brings at least 2 % over the best so far: more requests in flight cost
/// each of them time. Two that bring less, one after the other, end the search.
class RequestSearch {
 public:
  /// `most`: no more than so many are tried, but one always is.
  explicit RequestSearch(std::int64_t most) : most_(most) {}

  /// The number to try now; nothing when the search is over.
  [[nodiscard]] std::optional<std::int64_t> next() const noexcept;
  /// What that number brought, inputs a second.
  void tell(double per_s);
  /// Nothing more can be tried: the engine refuses.
  void end() noexcept { ended_ = true; }
  /// The best number so far; 0 before the first.
  [[nodiscard]] std::int64_t best() const noexcept { return best_; }

 private:
  std::int64_t most_;
  std::int64_t now_ = 1;
  std::int64_t best_ = 0;
  double best_per_s_ = 0.0;
  int without_gain_ = 0;
  bool ended_ = false;
};

/// How many numbers a search can try at most.
[[nodiscard]] std::int64_t steps_to(std::int64_t most) noexcept;

/// The mean of the launches' rates, and Student's t interval over them where there are at least two.
struct MeanRate {
  double per_s = 0.0;
  std::optional<Interval> ci95;
};
[[nodiscard]] MeanRate mean_rate(std::span<const double> launches);

}  // namespace podium::search
