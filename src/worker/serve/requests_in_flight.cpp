#include "worker/serve/requests_in_flight.h"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <exception>
#include <thread>

#include "core/text.h"
#include "measure/timed_loop.h"
#include "worker/serve/processor_time.h"

namespace podium::worker {

namespace {

/// Calls of each request before the window: an engine sets up what a thread needs at its first, and caches settle.
constexpr std::size_t fewest_lead_in_calls = 3;

}  // namespace

/// One session and what it did.
struct RequestsInFlight::Request {
  Caller* caller = nullptr;
  std::size_t next_batch = 0;
  std::size_t last_batch = 0;
  std::int64_t calls = 0;
  std::int64_t elapsed_ns = 0;
};

Result<ThroughputFigures> RequestsInFlight::measure(std::chrono::nanoseconds duration) {
  std::vector<Request> requests(callers_.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].caller = callers_[i];
    requests[i].next_batch = i % known_.size();  // others' inputs, so that an answer to another's request shows
  }
  still_scored_ = requests.size();
  const auto open_window = [this]() noexcept {
    window_.busy_before_ns = processor_ns();
    window_.start_ns = measure::monotonic_ns();
  };
  std::barrier start(static_cast<std::ptrdiff_t>(requests.size()), open_window);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < requests.size(); ++i) {
      threads.emplace_back([this, &request = requests[i], duration, &start] { serve(request, duration, start); });
    }
    serve(requests.front(), duration, start);
  }
  if (error_) return tl::unexpected(*error_);
  return figures_of(requests);
}

/// Every thread passes the barrier, whatever befell it before: the others wait there for it.
template <typename Barrier>
void RequestsInFlight::serve(Request& request, std::chrono::nanoseconds duration, Barrier& start) {
  guarded([&] { lead_in(request, duration / 4); });
  start.arrive_and_wait();
  guarded([&] { score(request, duration); });
  if (--still_scored_ == 0) window_.busy_ns = processor_ns() - window_.busy_before_ns;
  // Those that are still scored must meet as many requests to the end.
  guarded([&] {
    while (still_scored_ > 0 && run_once(request)) {
    }
    if (!stopped_) compare(request);
  });
}

/// What an engine throws in a thread would end the process.
template <typename Action>
void RequestsInFlight::guarded(Action&& action) {
  try {
    action();
  } catch (const std::exception& error) {
    stop({ErrorCode::failed, fmt::format("the engine threw: {}", printable(error.what())), {}});
  } catch (...) {
    stop({ErrorCode::failed, "the engine threw something that says nothing", {}});
  }
}

void RequestsInFlight::lead_in(Request& request, std::chrono::nanoseconds longest) {
  const std::int64_t end_ns = measure::monotonic_ns() + longest.count();
  const std::size_t most_calls = std::max(fewest_lead_in_calls, known_.size());
  for (std::size_t call = 0; call < most_calls && run_once(request); ++call) {
    compare(request);
    if (call + 1 >= fewest_lead_in_calls && measure::monotonic_ns() >= end_ns) return;
  }
}

/// The first call is not scored: all begin it at once, so in an engine's queue it waits for fewer than later ones do.
void RequestsInFlight::score(Request& request, std::chrono::nanoseconds duration) {
  if (!run_once(request)) return;
  const std::int64_t start_ns = measure::monotonic_ns();
  while (request.elapsed_ns < duration.count() || request.calls == 0) {
    if (!run_once(request)) return;
    ++request.calls;
    request.elapsed_ns = measure::monotonic_ns() - start_ns;
  }
}

bool RequestsInFlight::run_once(Request& request) {
  if (stopped_.load(std::memory_order_relaxed)) return false;
  const Result<void> done = request.caller->run(request.next_batch);
  request.last_batch = request.next_batch;
  if (++request.next_batch == known_.size()) request.next_batch = 0;
  if (!done) stop(done.error());
  return done.has_value();
}

void RequestsInFlight::compare(const Request& request) {
  const Result<std::span<const TensorView>> outputs = request.caller->outputs();
  if (!outputs) return stop(outputs.error());
  const std::string difference = known_[request.last_batch].difference(*outputs);
  if (difference.empty()) return;
  const std::lock_guard lock(mutex_);
  mismatch_ = fmt::format("with {} requests in flight the answer to batch {} is not the one that was given to it alone: {}",
                          callers_.size(), request.last_batch, difference);
  stopped_ = true;
}

void RequestsInFlight::stop(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  stopped_ = true;
}

ThroughputFigures RequestsInFlight::figures_of(std::span<const Request> requests) const {
  ThroughputFigures figures;
  figures.start_ns = window_.start_ns;
  figures.user_ns = window_.busy_ns;
  figures.mismatch = mismatch_;
  double calls_a_ns = 0.0;
  for (const Request& request : requests) {
    figures.calls += request.calls;
    if (request.elapsed_ns > 0) calls_a_ns += static_cast<double>(request.calls) / static_cast<double>(request.elapsed_ns);
  }
  if (calls_a_ns > 0.0) figures.elapsed_ns = static_cast<std::int64_t>(static_cast<double>(figures.calls) / calls_a_ns);
  return figures;
}

}  // namespace podium::worker
