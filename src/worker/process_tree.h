#pragma once

#include <sys/types.h>

#include <vector>

namespace podium::worker {

/// A process as /proc/PID/stat tells it.
struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';  ///< 'R', 'S', 'T' stopped, 'Z' ended and not yet waited for, …
};

/// Every process that this one can see.
[[nodiscard]] std::vector<ProcessEntry> read_processes();
/// Those whose parent is `root`, and theirs, parents before children; zombies included, `root` not.
[[nodiscard]] std::vector<ProcessEntry> descendants_of(pid_t root, const std::vector<ProcessEntry>& processes);

}  // namespace podium::worker
