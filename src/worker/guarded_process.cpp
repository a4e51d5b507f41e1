#include "worker/guarded_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "core/text.h"
#include "core/unique_fd.h"
#include "worker/deadline.h"
#include "worker/guard/status_record.h"
#include "worker/memory.h"
#include "worker/spawn.h"

namespace podium::worker {

namespace {

bool wait_readable(int fd, Seconds patience) {
  const Clock::time_point end = deadline_after(patience);
  while (true) {
    pollfd event{fd, POLLIN, 0};
    const int count = ::poll(&event, 1, poll_timeout(end));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

/// A little longer than the guard's own patience with processes that hang in the kernel.
constexpr Seconds kill_patience{35};

/// The guard ends as soon as its lifeline closes and all is gone. Not waited for without end.
void reap(pid_t guard, int milliseconds) {
  for (int i = 0; i <= milliseconds; ++i) {
    const pid_t reaped = ::waitpid(guard, nullptr, WNOHANG);
    if (reaped == guard || (reaped < 0 && errno != EINTR)) return;
    if (i < milliseconds) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

struct GuardedProcess::State {
  UniqueFd lifeline;  ///< the guard kills all when this closes
  UniqueFd status;
  pid_t guard = -1;
  pid_t program = -1;
  std::optional<std::int64_t> kill_count;  ///< of the kernel, when it started
  std::optional<ExitStatus> exit;
  bool left_to_guard = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    lifeline.reset();
    if (guard <= 0 || exit) return;
    if (left_to_guard || !wait(kill_patience)) reap(guard, 0);
  }

  std::optional<ExitStatus> poll_exit();
  std::optional<ExitStatus> wait(Seconds patience);
  void set_exit(StatusRecord record);
};

void GuardedProcess::State::set_exit(StatusRecord record) {
  ExitStatus ended;
  ended.code = record.value;
  if (record.signal != 0) ended.signal = record.signal;
  const std::optional<std::int64_t> now = kernel_kill_count();
  ended.kernel_out_of_memory = kill_count && now && *now > *kill_count;
  exit = ended;
  lifeline.reset();
  reap(guard, 1000);
}

std::optional<ExitStatus> GuardedProcess::State::poll_exit() {
  if (exit) return exit;
  StatusRecord record;
  const ssize_t count = ::read(status.get(), &record, sizeof record);
  if (count == sizeof record) set_exit(record);
  if (count == 0) {  // the guard itself was killed, and the program with it; what is left of its group goes now
    ::killpg(program, SIGKILL);
    set_exit({StatusRecord::Kind::ended, 0, SIGKILL});
  }
  return exit;
}

std::optional<ExitStatus> GuardedProcess::State::wait(Seconds patience) {
  if (!exit && wait_readable(status.get(), patience)) poll_exit();
  return exit;
}

GuardedProcess::GuardedProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
GuardedProcess::GuardedProcess(GuardedProcess&&) noexcept = default;
GuardedProcess& GuardedProcess::operator=(GuardedProcess&&) noexcept = default;
GuardedProcess::~GuardedProcess() = default;

Result<GuardedProcess> GuardedProcess::start(const Command& command) {
  if (command.arguments.empty()) return fail(ErrorCode::wrong_use, "no program was named");
  const std::string name = printable(command.arguments.front());
  std::array<int, 2> lifeline{-1, -1};
  std::array<int, 2> status{-1, -1};
  if (::pipe2(lifeline.data(), O_CLOEXEC) != 0 || ::pipe2(status.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    const UniqueFd closed_read(lifeline[0]), closed_write(lifeline[1]);
    return fail(ErrorCode::failed, fmt::format("cannot start '{}': {}", name, std::generic_category().message(error)),
                "raise the limit on open files (ulimit -n)");
  }
  const UniqueFd lifeline_there(lifeline[0]);
  UniqueFd status_there(status[1]);
  auto state = std::make_unique<State>();
  state->lifeline.reset(lifeline[1]);
  state->status.reset(status[0]);
  state->kill_count = kernel_kill_count();
  Result<pid_t> guard = spawn_guard(command, lifeline_there.get(), status_there.get());
  if (!guard) return tl::unexpected(guard.error());
  state->guard = *guard;
  status_there.reset();

  StatusRecord record{StatusRecord::Kind::not_started, ETIMEDOUT, 0};
  if (wait_readable(state->status.get(), std::chrono::seconds(60)) && ::read(state->status.get(), &record, sizeof record) == 0) {
    record = {StatusRecord::Kind::not_started, ECHILD, 0};
  }
  ::fcntl(state->status.get(), F_SETFL, O_NONBLOCK);
  if (record.kind != StatusRecord::Kind::started) {
    state->exit = ExitStatus{127, std::nullopt, false};
    state->lifeline.reset();
    reap(state->guard, 1000);
    return fail(ErrorCode::unavailable, fmt::format("cannot start '{}': {}", name, std::generic_category().message(record.value)),
                "check that the program is installed and may be executed");
  }
  state->program = record.value;
  return GuardedProcess(std::move(state));
}

int GuardedProcess::pid() const noexcept {
  return state_->program;
}

int GuardedProcess::exit_descriptor() const noexcept {
  return state_->status.get();
}

std::optional<ExitStatus> GuardedProcess::poll_exit() {
  return state_->poll_exit();
}

// The guard leaves the program a zombie until its end was taken note of here, so the number cannot have passed to another process.
void GuardedProcess::stop() {
  if (!poll_exit()) ::killpg(state_->program, SIGSTOP);
}

void GuardedProcess::resume() {
  if (!poll_exit()) ::killpg(state_->program, SIGCONT);
}

void GuardedProcess::begin_kill() noexcept {
  state_->lifeline.reset();
}

void GuardedProcess::leave_to_guard() noexcept {
  begin_kill();
  state_->left_to_guard = true;
}

std::optional<ExitStatus> GuardedProcess::wait(Seconds patience) {
  return state_->wait(patience);
}

ExitStatus GuardedProcess::kill() {
  begin_kill();
  if (const auto exit = wait(kill_patience)) return *exit;
  return ExitStatus{0, SIGKILL, false};
}

std::int64_t GuardedProcess::memory_bytes() const {
  return state_->exit ? 0 : proportional_bytes_below(state_->guard);
}

std::optional<std::int64_t> GuardedProcess::private_bytes() const {
  return state_->exit ? std::nullopt : private_bytes_below(state_->guard);
}

std::int64_t GuardedProcess::resident_bytes() const {
  return state_->exit ? 0 : resident_bytes_below(state_->guard);
}

}  // namespace podium::worker
