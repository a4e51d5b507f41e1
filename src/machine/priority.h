#pragma once

#include <sys/types.h>

#include <string>

namespace podium::machine {

/// While it is raised, what the calling thread starts goes before other programs: its nice value (sched(7)) is the least that the system
/// lets it have, -20 with CAP_SYS_NICE. Must be used on one thread.
class PriorityScope {
 public:
  PriorityScope() = default;
  PriorityScope(const PriorityScope&) = delete;
  PriorityScope& operator=(const PriorityScope&) = delete;
  ~PriorityScope() { release(); }
  /// Nothing changes where the system refuses, or grants no more than the thread has.
  void raise();
  [[nodiscard]] bool is_raised() const noexcept { return is_raised_; }
  void release();

 private:
  bool is_raised_ = false;
  int before_ = 0;
};

/// The nice value that a raised thread has; that of the calling thread where it cannot be raised.
[[nodiscard]] int reachable_nice();
/// Whether a raised thread goes before one of the usual value.
[[nodiscard]] bool goes_before_others(int own_nice, int reachable_nice);
[[nodiscard]] bool can_go_before_others();
/// With autogroups (sched(7)) a nice value counts within a session only, and sessions share the CPUs by values of their own: gives the
/// session that `leader` leads the same. Nothing happens where the kernel has no autogroups, or refuses.
void raise_session_of(pid_t leader);
/// "workers before other programs (nice -20)", for the results.
[[nodiscard]] std::string describe_priority(int own_nice, int reachable_nice);
[[nodiscard]] std::string describe_priority();

}  // namespace podium::machine
