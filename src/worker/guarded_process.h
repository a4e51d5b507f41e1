#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "podium/cancel.h"

namespace podium::worker {

struct Command {
  std::vector<std::string> arguments;              ///< the program first; found on PATH
  std::map<std::string, std::string> environment;  ///< added to this process's own
  std::vector<std::pair<int, int>> descriptors;    ///< (ours, its number in the child); all others are closed there
  std::filesystem::path log;                       ///< standard output and error; empty: /dev/null
  std::vector<int> cpus{};                         ///< that it and all that it starts are pinned to; empty: as this thread
  bool high_priority = false;                      ///< it and all that it starts go before other programs, where the system lets them
};

struct ExitStatus {
  int code = 0;                       ///< where it exited
  std::optional<int> signal;          ///< where a signal ended it
  bool kernel_out_of_memory = false;  ///< the kernel's kill counter rose while it ran
};

/// A child under podium-guard: the leader of its own process group, whose every descendant ends with it and with us, however we end.
class GuardedProcess {
 public:
  [[nodiscard]] static Result<GuardedProcess> start(const Command& command);
  GuardedProcess(GuardedProcess&&) noexcept;
  GuardedProcess& operator=(GuardedProcess&&) noexcept;
  /// Kills what is left and waits for it.
  ~GuardedProcess();

  [[nodiscard]] int pid() const noexcept;
  /// Becomes readable when the child has ended; for poll().
  [[nodiscard]] int exit_descriptor() const noexcept;
  /// How it ended, or nothing while it runs. Does not block.
  [[nodiscard]] std::optional<ExitStatus> poll_exit();
  /// Stops (SIGSTOP) or resumes (SIGCONT) the whole process group.
  void stop();
  void resume();
  /// Asks for the end of it and all its descendants; does not wait.
  void begin_kill() noexcept;
  /// The same, and the destructor will not wait either: the guard sees to it. For a user who wants to stop now, while the kernel
  /// takes seconds to give back gigabytes.
  void leave_to_guard() noexcept;
  /// Waits for its end, at most so long; nothing where it still runs.
  std::optional<ExitStatus> wait(std::chrono::duration<double> patience);
  /// Kills it and all its descendants; returns when they are gone.
  ExitStatus kill();
  /// Proportional set size of all its living descendants, itself included; resident size where the kernel tells no better.
  [[nodiscard]] std::int64_t memory_bytes() const;
  /// What none but these processes hold, swapped-out pages included; nothing where the kernel does not tell or all have ended.
  [[nodiscard]] std::optional<std::int64_t> private_bytes() const;
  /// Resident size of the same: cheap, and never below memory_bytes().
  [[nodiscard]] std::int64_t resident_bytes() const;

 private:
  struct State;
  explicit GuardedProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct RunLimits {
  std::chrono::duration<double> timeout{600};
  std::int64_t memory_bytes = 0;  ///< 0: no limit
};

/// Runs a helper (an export, a compile) to its end. Each line it prints is handed to `on_line`.
/// ErrorCode::timeout, out_of_memory, cancelled or failed (with the last lines it printed) where it does not exit with 0.
[[nodiscard]] Result<void> run_guarded(const Command& command, const RunLimits& limits, const CancelToken& cancel,
                                       const std::function<void(const std::string&)>& on_line = {});

}  // namespace podium::worker
