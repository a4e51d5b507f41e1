#include "worker/guard/guard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>

#include "worker/process_tree.h"

namespace podium::worker {

namespace {

using Clock = std::chrono::steady_clock;

void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

void write_text(const char* file, std::string_view text) {
  const UniqueFd fd(::open(file, O_WRONLY | O_CLOEXEC));
  if (!fd) return;
  [[maybe_unused]] const ssize_t written = ::write(fd.get(), text.data(), text.size());
}

/// The child's side of the fork: becomes the program, or writes errno to `failure` and ends.
[[noreturn]] void become_program(char* const* arguments, pid_t guard, int failure) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);      // should the guard itself be killed
  if (::getppid() != guard) ::_exit(127);  // it was, before the line above
  rlimit core{};
  ::getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = 0;  // a crash is an expected result here, and a core of gigabytes takes minutes to write
  ::setrlimit(RLIMIT_CORE, &core);
  write_text("/proc/self/oom_score_adj", "500");  // where memory runs out the kernel shall take the worker, not the supervisor
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvp(arguments[0], arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &error, sizeof error);
  ::_exit(127);
}

/// The errno that the child wrote, or 0 when exec closed the pipe.
int read_failure(int fd) {
  int error = 0;
  ssize_t count = 0;
  do count = ::read(fd, &error, sizeof error);
  while (count < 0 && errno == EINTR);
  return count == sizeof error ? error : 0;
}

StatusRecord ended_record(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {StatusRecord::Kind::ended, info.si_status, 0};
  return {StatusRecord::Kind::ended, 0, info.si_status};
}

}  // namespace

Guard::Guard(int lifeline, int status) : lifeline_(lifeline), status_(status) {
  close_on_exec(lifeline);
  close_on_exec(status);
  const pid_t parent = ::getppid();
  supervisor_.reset(static_cast<int>(::syscall(SYS_pidfd_open, parent, 0)));
  ::signal(SIGPIPE, SIG_IGN);  // the supervisor may be gone when the status is written
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const sigset_t signals = watched_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

int Guard::run(char* const* arguments) {
  if (!start(arguments)) return 1;
  const bool by_itself = wait_for_an_end();
  kill_everything();
  report(program_end().value_or(StatusRecord{StatusRecord::Kind::ended, 0, SIGKILL}));
  if (by_itself) wait_for_lifeline();
  ::waitpid(program_, nullptr, WNOHANG);  // the init of a container may not do it
  return 0;
}

bool Guard::start(char* const* arguments) {
  std::array<int, 2> failure{-1, -1};
  if (::pipe2(failure.data(), O_CLOEXEC) != 0) {
    report({StatusRecord::Kind::not_started, errno, 0});
    return false;
  }
  const UniqueFd failure_in(failure[0]);
  UniqueFd failure_out(failure[1]);
  const pid_t guard = ::getpid();
  program_ = ::fork();
  if (program_ == 0) become_program(arguments, guard, failure_out.get());
  const int fork_error = program_ < 0 ? errno : 0;
  failure_out.reset();
  // The program's descriptors are the program's alone: the supervisor must see its socket close when it dies.
  for (int fd = 3; fd < std::min(lifeline_.get(), status_.get()); ++fd) {
    if (fd != failure_in.get() && fd != signals_.get() && fd != supervisor_.get()) ::close(fd);
  }
  if (const int error = fork_error != 0 ? fork_error : read_failure(failure_in.get()); error != 0) {
    report({StatusRecord::Kind::not_started, error, 0});
    if (program_ > 0) ::waitpid(program_, nullptr, 0);
    return false;
  }
  report({StatusRecord::Kind::started, program_, 0});
  return true;
}

/// Until the program has ended (true), or the lifeline closes, the supervisor ends or a signal asks for the end (false).
bool Guard::wait_for_an_end() const {
  while (true) {
    std::array<pollfd, 3> events{{{lifeline_.get(), POLLIN, 0}, {supervisor_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return false;
    if (events[0].revents != 0 || events[1].revents != 0) return false;
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
      if (signal.ssi_signo != SIGCHLD) return false;
    }
    if (program_end()) return true;
    reap_orphans();
  }
}

/// The program is not waited for until the very end: as long as it is a zombie its number cannot be given to another process, and
/// the supervisor may signal the group.
std::optional<StatusRecord> Guard::program_end() const {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(program_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return std::nullopt;
  return ended_record(info);
}

void Guard::reap_orphans() const {
  const pid_t self = ::getpid();
  for (const ProcessEntry& process : read_processes()) {
    if (process.parent == self && process.pid != program_) ::waitpid(process.pid, nullptr, WNOHANG);
  }
}

/// Kills all that is left and waits for what has died; true when only the program's zombie remains.
bool Guard::kill_round() const {
  ::kill(-program_, SIGKILL);
  bool empty = true;
  for (const ProcessEntry& process : descendants_of(::getpid(), read_processes())) {
    if (process.pid == program_ && program_end()) continue;
    empty = false;
    ::kill(process.pid, SIGKILL);
    if (process.pid != program_) ::waitpid(process.pid, nullptr, WNOHANG);
  }
  return empty;
}

void Guard::kill_everything() const {
  // A process in an uninterruptible sleep dies only when its device answers; the supervisor is not made to wait for that.
  const Clock::time_point patience = Clock::now() + std::chrono::seconds(30);
  // Twice empty: while the table is read a process may be missed whose parent was just ending.
  for (int empty_rounds = 0; empty_rounds < 2 && Clock::now() < patience;) {
    empty_rounds = kill_round() ? empty_rounds + 1 : 0;
    if (empty_rounds > 0) continue;
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    }
    pollfd event{signals_.get(), POLLIN, 0};
    ::poll(&event, 1, 10);
  }
}

void Guard::wait_for_lifeline() const {
  while (true) {
    std::array<pollfd, 2> events{{{lifeline_.get(), POLLIN, 0}, {supervisor_.get(), POLLIN, 0}}};
    if (::poll(events.data(), events.size(), -1) > 0 || errno != EINTR) return;
  }
}

void Guard::report(StatusRecord record) const {
  // One write below PIPE_BUF arrives whole. Where the supervisor is gone there is nobody to tell.
  [[maybe_unused]] const ssize_t written = ::write(status_.get(), &record, sizeof record);
}

}  // namespace podium::worker
