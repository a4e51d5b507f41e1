#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "podium/results.h"

namespace podium::measure {

struct WarmUpRule {
  std::int64_t fewest_iterations = 10;
  std::chrono::nanoseconds shortest{1'000'000'000};
  std::chrono::nanoseconds longest{10'000'000'000};
  std::int64_t windows = 6;  ///< the last so many windows must show no trend
};

/// Watches a cell come to steady state, window by window. Knows times it is told, no clock.
class WarmUpWatch {
 public:
  explicit WarmUpWatch(WarmUpRule rule = {}) : rule_(rule) {}
  /// A window of calls has ended: its samples in nanoseconds for one call each, and how long it took in all.
  void add_window(const std::vector<double>& call_ns, std::int64_t iterations, std::chrono::nanoseconds took);
  /// Long enough, and no trend over the last windows; or the cap is reached.
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool is_steady() const;
  /// Median of the last window, nanoseconds for one call.
  [[nodiscard]] std::chrono::nanoseconds call_time() const;
  [[nodiscard]] WarmUp summary() const;

 private:
  WarmUpRule rule_;
  std::vector<double> medians_ns_;
  std::int64_t iterations_ = 0;
  std::chrono::nanoseconds took_{0};
};

/// What is told of a cell's warm-ups, launch after launch: the first one, or the first that did not come to steady state, since the samples
/// behind it are in the cell's figures.
void keep_worse(std::optional<WarmUp>& kept, WarmUp latest);

}  // namespace podium::measure
