#include "machine/priority.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "core/unique_fd.h"

namespace podium::machine {
namespace {

constexpr int least_nice = -20;

/// Of the calling thread: on Linux a nice value belongs to a thread, and 0 means the caller.
int own_nice() {
  return ::getpriority(PRIO_PROCESS, 0);
}

bool set_nice(int value) {
  return ::setpriority(PRIO_PROCESS, 0, value) == 0;
}

/// What RLIMIT_NICE lets a thread without CAP_SYS_NICE have (getrlimit(2): the limit is 20 less the nice value).
int nice_by_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NICE, &limit) != 0) return 20;
  return 20 - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 40));
}

}  // namespace

void PriorityScope::raise() {
  if (is_raised_) return;
  before_ = own_nice();
  if (before_ <= least_nice) {
    is_raised_ = true;
    return;
  }
  is_raised_ = set_nice(least_nice) || (nice_by_limit() < before_ && set_nice(nice_by_limit()));
}

void PriorityScope::release() {
  if (!is_raised_) return;
  is_raised_ = false;
  static_cast<void>(set_nice(before_));  // a thread may always go back behind
}

int reachable_nice() {
  PriorityScope raised;
  raised.raise();
  return own_nice();
}

bool goes_before_others(int own_nice, int reachable_nice) {
  return reachable_nice < own_nice || reachable_nice <= least_nice;
}

bool can_go_before_others() {
  return goes_before_others(own_nice(), reachable_nice());
}

void raise_session_of(pid_t leader) {
  const UniqueFd file(::open(fmt::format("/proc/{}/autogroup", leader).c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return;
  const std::string value = std::to_string(reachable_nice());
  [[maybe_unused]] const ssize_t written = ::write(file.get(), value.data(), value.size());
}

std::string describe_priority(int own_nice, int reachable_nice) {
  if (goes_before_others(own_nice, reachable_nice)) return fmt::format("workers before other programs (nice {})", reachable_nice);
  return fmt::format("workers beside other programs (nice {}): more wants root, CAP_SYS_NICE or a nice limit (ulimit -e)", own_nice);
}

std::string describe_priority() {
  return describe_priority(own_nice(), reachable_nice());
}

}  // namespace podium::machine
