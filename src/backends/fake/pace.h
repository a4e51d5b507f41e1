#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "podium/options.h"

namespace podium::fake {

/// How long the fake's inferences take.
class Pace {
 public:
  explicit Pace(const OptionValues& options);
  /// Marks the start of an inference.
  void start();
  /// Returns when the inference that was started has lasted as long as it shall.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] Clock::duration duration_of_call();

  std::int64_t latency_us_;
  std::int64_t jitter_us_;
  std::int64_t first_call_us_;
  std::int64_t lead_in_;
  std::int64_t lead_in_us_;
  bool busy_;
  bool timed_;  ///< whether it takes any time at all; where not, no clock is read
  std::int64_t since_pause_ = 0;
  Clock::time_point started_;
  Clock::time_point last_end_;
  std::mt19937_64 random_{20260101};
};

}  // namespace podium::fake
