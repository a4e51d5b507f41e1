#include "worker/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/install_paths.h"
#include "core/text.h"
#include "core/unique_fd.h"
#include "machine/pinning.h"
#include "machine/priority.h"

namespace podium::worker {

namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// RAII for the two C types of posix_spawn, which starts a child safely from a program with threads.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(int ours, int theirs) { ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
  void close(int theirs) { ::posix_spawn_file_actions_addclose(&actions_, theirs); }
  void close_from(int theirs) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, theirs); }

  /// 0, or the errno of what was refused.
  int start(pid_t& pid, const std::string& program, const std::vector<std::string>& arguments,
            const std::vector<std::string>& environment) {
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers(arguments).data(), pointers(environment).data());
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));  // the C signature lacks a const
    result.push_back(nullptr);
    return result;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(fmt::format("{}={}", name, value));
  return merged;
}

Result<UniqueFd> open_log(const std::filesystem::path& log) {
  const std::filesystem::path file = log.empty() ? "/dev/null" : log;
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
  if (fd) return fd;
  return fail(ErrorCode::io, fmt::format("cannot write the log '{}': {}", printable(file.string()), reason(errno)),
              "free some space, or check the folder's permissions");
}

/// Copies of our descriptors above every number wanted in the child, so that one dup2 cannot overwrite the source of the next.
class Descriptors {
 public:
  explicit Descriptors(int first_free) : first_free_(first_free) {}
  [[nodiscard]] bool add(int ours, int theirs) {
    copies_.emplace_back(UniqueFd(::fcntl(ours, F_DUPFD_CLOEXEC, first_free_)), theirs);
    return static_cast<bool>(copies_.back().first);
  }
  void plan(SpawnPlan& plan) const {
    for (int number = 3; number < first_free_; ++number) plan.close(number);
    for (const auto& [copy, theirs] : copies_) plan.give(copy.get(), theirs);
    plan.close_from(first_free_);
  }

 private:
  int first_free_;
  std::vector<std::pair<UniqueFd, int>> copies_;
};

}  // namespace

Result<pid_t> spawn_guard(const Command& command, int lifeline, int status) {
  int highest = 2;
  for (const auto& [ours, theirs] : command.descriptors) highest = std::max(highest, theirs);
  const int lifeline_there = highest + 1;
  const int status_there = highest + 2;
  const UniqueFd no_input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Result<UniqueFd> log = open_log(command.log);
  if (!log) return tl::unexpected(log.error());

  Descriptors descriptors(highest + 3);
  bool copied = descriptors.add(no_input.get(), 0) && descriptors.add(log->get(), 1) && descriptors.add(log->get(), 2);
  for (const auto& [ours, theirs] : command.descriptors) copied = copied && descriptors.add(ours, theirs);
  copied = copied && descriptors.add(lifeline, lifeline_there) && descriptors.add(status, status_there);
  if (!copied) {
    return fail(ErrorCode::failed, fmt::format("cannot start '{}': {}", printable(command.arguments.front()), reason(errno)),
                "raise the limit on open files (ulimit -n)");
  }
  SpawnPlan plan;
  descriptors.plan(plan);
  const std::string guard = find_install_paths().guard.string();
  std::vector<std::string> arguments{guard, "--lifeline", std::to_string(lifeline_there), "--status", std::to_string(status_there), "--"};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  pid_t pid = -1;
  // A child starts with the mask of the thread that spawns it, and posix_spawn has no attribute for it.
  machine::AffinityScope pinned;
  if (auto done = pinned.apply(command.cpus); !done) return tl::unexpected(done.error());
  machine::PriorityScope raised;  // likewise
  if (command.high_priority) raised.raise();
  const int error = plan.start(pid, guard, arguments, merged_environment(command.environment));
  if (error == 0 && raised.is_raised()) machine::raise_session_of(pid);
  if (error == 0) return pid;
  return fail(ErrorCode::failed, fmt::format("cannot start '{}': {}", printable(guard), reason(error)),
              "install Podium again, or set PODIUM_HOME to the folder that holds its programs");
}

}  // namespace podium::worker
