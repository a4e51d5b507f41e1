#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace podium {

/// Calls `work(i)` for each i below `count`, on at most `threads` threads, the caller's among them. Returns when all are done. Which thread
/// does which i is not fixed: a result must not depend on it.
template <typename Work>
void parallel_for(std::size_t count, std::size_t threads, Work&& work) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(take);
  take();
}

}  // namespace podium
