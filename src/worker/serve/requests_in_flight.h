#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "worker/serve/caller.h"
#include "worker/serve/known_answer.h"
#include "worker/worker.h"

namespace podium::worker {

/// Several sessions of one model at work at once, each in a thread of its own; the first in the caller's.
class RequestsInFlight {
 public:
  RequestsInFlight(std::vector<Caller*> callers, std::span<const KnownAnswer> known) : callers_(std::move(callers)), known_(known) {}

  /// One window. An error of any request ends it and is the result.
  [[nodiscard]] Result<ThroughputFigures> measure(std::chrono::nanoseconds duration);

 private:
  struct Request;
  struct Window {
    std::int64_t start_ns = 0;
    std::int64_t busy_before_ns = 0;
    std::int64_t busy_ns = 0;
  };
  template <typename Barrier>
  void serve(Request& request, std::chrono::nanoseconds duration, Barrier& start);
  template <typename Action>
  void guarded(Action&& action);
  void lead_in(Request& request, std::chrono::nanoseconds longest);
  void score(Request& request, std::chrono::nanoseconds duration);
  [[nodiscard]] bool run_once(Request& request);
  void compare(const Request& request);
  void stop(Error error);
  [[nodiscard]] ThroughputFigures figures_of(std::span<const Request> requests) const;

  std::vector<Caller*> callers_;
  std::span<const KnownAnswer> known_;
  Window window_;
  std::atomic<bool> stopped_ = false;  ///< an error or a mismatch: the others need not go on
  std::atomic<std::size_t> still_scored_ = 0;
  std::mutex mutex_;  ///< over the two below
  std::optional<Error> error_;
  std::string mismatch_;
};

}  // namespace podium::worker
