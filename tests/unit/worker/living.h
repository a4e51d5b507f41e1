#pragma once

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "worker/process_tree.h"

namespace podium::test {

/// Those of `wanted` that still run.
inline std::vector<pid_t> living(const std::vector<worker::ProcessEntry>& wanted) {
  std::vector<pid_t> alive;
  for (const worker::ProcessEntry& process : worker::read_processes()) {
    const auto is_it = [&process](const worker::ProcessEntry& entry) { return entry.pid == process.pid; };
    if (process.state != 'Z' && std::any_of(wanted.begin(), wanted.end(), is_it)) alive.push_back(process.pid);
  }
  return alive;
}

/// Waits until `condition` holds; false where it does not within half a minute, which no machine should need.
template <typename Condition>
bool eventually(Condition&& condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace podium::test
