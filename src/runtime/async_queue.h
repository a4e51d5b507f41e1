#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace podium::runtime {

/// Runs what it is given on threads of its own, in order where there is one. Threads start with the first task. At its end it finishes
/// what it was given, so that every future becomes ready.
class AsyncQueue {
 public:
  explicit AsyncQueue(std::size_t threads) : most_threads_(threads) {}
  AsyncQueue(const AsyncQueue&) = delete;
  AsyncQueue& operator=(const AsyncQueue&) = delete;
  ~AsyncQueue();

  /// The task throws nothing.
  void add(std::function<void()> task);

 private:
  void serve();

  const std::size_t most_threads_;
  std::mutex mutex_;  ///< over all below
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace podium::runtime
