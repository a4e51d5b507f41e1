#include "backends/fake/pace.h"

#include <thread>
#include <utility>

#include "backends/api/request_check.h"

namespace podium::fake {

namespace {

/// Longer than the timed loop takes between two inferences, shorter than any pause between two blocks.
constexpr auto pause = std::chrono::milliseconds(1);
/// The timer's own inaccuracy: shorter waits, and the end of longer ones, are spent awake.
constexpr auto awake = std::chrono::microseconds(150);

}  // namespace

Pace::Pace(const OptionValues& options)
    : latency_us_(backend::integer(options, "latency-us")),
      jitter_us_(backend::integer(options, "jitter-us")),
      first_call_us_(backend::integer(options, "first-call-us")),
      lead_in_(backend::integer(options, "lead-in")),
      lead_in_us_(backend::integer(options, "lead-in-us")),
      busy_(backend::flag(options, "busy")),
      timed_(latency_us_ + jitter_us_ + first_call_us_ + lead_in_us_ > 0) {}

void Pace::start() {
  if (!timed_) return;
  started_ = Clock::now();
  if (started_ - last_end_ > pause) since_pause_ = 0;
}

Pace::Clock::duration Pace::duration_of_call() {
  std::int64_t microseconds = latency_us_ + std::exchange(first_call_us_, 0);
  if (jitter_us_ > 0) microseconds += std::uniform_int_distribution<std::int64_t>(0, jitter_us_)(random_);
  if (since_pause_ < lead_in_) microseconds += lead_in_us_ * (lead_in_ - since_pause_) / lead_in_;
  ++since_pause_;
  return std::chrono::microseconds(microseconds);
}

void Pace::finish() {
  if (!timed_) return;
  const Clock::time_point end = started_ + duration_of_call();
  if (!busy_) std::this_thread::sleep_until(end - awake);
  while ((last_end_ = Clock::now()) < end) {
  }
}

}  // namespace podium::fake
