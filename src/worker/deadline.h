#pragma once

#include <algorithm>
#include <chrono>

namespace podium::worker {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// A limit given as seconds may be as good as infinite; the clock's own range is not.
[[nodiscard]] inline Clock::time_point deadline_after(Seconds patience) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::min(patience, Seconds(1e8)));
}

/// Milliseconds for poll(), rounded up so that it does not return just before the moment.
[[nodiscard]] inline int poll_timeout(Clock::time_point moment) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace podium::worker
