#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "core/result.h"

namespace podium::measure {

struct LoopRequest {
  std::int64_t duration_ns = 0;
  std::int64_t minimum_samples = 1;
  std::int64_t iterations_per_sample = 1;
};

struct LoopFigures {
  std::int64_t start_ns = 0;
  std::int64_t elapsed_ns = 0;
  std::int64_t samples = 0;
};

/// CLOCK_MONOTONIC in nanoseconds.
[[nodiscard]] inline std::int64_t monotonic_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The timed loop: calls `run_once` (run and synchronize; it returns false on failure) and writes nanoseconds for each sample into
/// `samples`, until the duration has passed and the minimum is there, or `samples` is full. Two clock reads a sample; nothing is allocated.
template <typename RunOnce>
[[nodiscard]] bool timed_loop(const LoopRequest& request, std::span<std::uint64_t> samples, LoopFigures& figures, RunOnce&& run_once) {
  figures.start_ns = monotonic_ns();
  const std::int64_t end_ns = figures.start_ns + request.duration_ns;
  std::int64_t count = 0;
  std::int64_t before = figures.start_ns;
  while (count < static_cast<std::int64_t>(samples.size())) {
    before = monotonic_ns();
    for (std::int64_t i = 0; i < request.iterations_per_sample; ++i) {
      if (!run_once()) return false;
    }
    const std::int64_t after = monotonic_ns();
    samples[static_cast<std::size_t>(count++)] = static_cast<std::uint64_t>(after - before);
    if (after >= end_ns && count >= request.minimum_samples) break;
  }
  figures.samples = count;
  figures.elapsed_ns = monotonic_ns() - figures.start_ns;
  return true;
}

}  // namespace podium::measure
