#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <fstream>

#include "core/text.h"
#include "core/unique_fd.h"
#include "worker/deadline.h"
#include "worker/failure.h"
#include "worker/guarded_process.h"

namespace podium::worker {

namespace {

constexpr auto memory_interval = std::chrono::milliseconds(200);

/// Cuts what a helper prints into lines, hands them on and keeps the last ones.
class Lines {
 public:
  Lines(const std::function<void(const std::string&)>& on_line, const std::filesystem::path& log) : on_line_(on_line) {
    if (!log.empty()) log_.open(log, std::ios::trunc);
  }

  void add(std::string_view text) {
    if (log_.is_open()) log_ << text << std::flush;
    for (const char c : text) {
      if (c == '\n' || pending_.size() >= longest_line) end_line();
      if (c != '\n') pending_ += c;
    }
  }
  void end() {
    if (!pending_.empty()) end_line();
  }
  [[nodiscard]] std::string tail() const { return join({last_.begin(), last_.end()}, "\n"); }

 private:
  static constexpr std::size_t longest_line = 1 << 16;
  static constexpr std::size_t kept_lines = 20;

  void end_line() {
    if (!pending_.empty() && pending_.back() == '\r') pending_.pop_back();
    if (on_line_) on_line_(pending_);
    last_.push_back(printable(pending_));
    if (last_.size() > kept_lines) last_.pop_front();
    pending_.clear();
  }

  const std::function<void(const std::string&)>& on_line_;
  std::ofstream log_;
  std::string pending_;
  std::deque<std::string> last_;
};

/// Reads what is there; at most a megabyte at once, so that a helper which prints without end cannot hold us here.
void drain(int fd, Lines& lines) {
  std::array<char, 1 << 14> buffer;
  for (int i = 0; i < 64; ++i) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) return;
    lines.add({buffer.data(), static_cast<std::size_t>(count)});
  }
}

/// One run of a helper, watched.
class Run {
 public:
  Run(std::string name, GuardedProcess process, const RunLimits& limits, int output, Lines& lines)
      : name_(std::move(name)), process_(std::move(process)), limits_(limits), output_(output), lines_(lines) {}

  Result<void> wait(const CancelToken& cancel) {
    Clock::time_point next_memory = Clock::now();
    while (true) {
      if (cancel.requested()) {
        process_.leave_to_guard();
        return fail(ErrorCode::cancelled, fmt::format("{} was stopped", name_));
      }
      if (const auto exit = process_.poll_exit()) return judge(*exit);
      if (Clock::now() >= end_) return over_time();
      if (limits_.memory_bytes > 0 && Clock::now() >= next_memory) {
        if (auto within = check_memory(); !within) return within;
        next_memory = Clock::now() + memory_interval;
      }
      wait_for_event(cancel);
      drain(output_, lines_);
    }
  }

 private:
  void wait_for_event(const CancelToken& cancel) const {
    const Clock::time_point moment = std::min(end_, Clock::now() + memory_interval);
    std::array<pollfd, 3> events{{{output_, POLLIN, 0}, {process_.exit_descriptor(), POLLIN, 0}, {cancel.descriptor(), POLLIN, 0}}};
    ::poll(events.data(), events.size(), poll_timeout(moment));
  }

  Result<void> check_memory() {
    if (process_.resident_bytes() <= limits_.memory_bytes || process_.memory_bytes() <= limits_.memory_bytes) return {};
    process_.kill();
    return fail(ErrorCode::out_of_memory,
                fmt::format("{} took more than its {} of memory", name_, human_bytes(static_cast<double>(limits_.memory_bytes))),
                memory_remedy());
  }

  Result<void> over_time() {
    process_.kill();
    drain(output_, lines_);
    lines_.end();
    return fail(ErrorCode::timeout, fmt::format("{} did not end within {:g} s{}", name_, limits_.timeout.count(), printed()),
                load_remedy());
  }

  Result<void> judge(const ExitStatus& exit) {
    drain(output_, lines_);
    lines_.end();
    if (exit.code == 0 && !exit.signal) return {};
    if (exit.signal && exit.kernel_out_of_memory) {
      return fail(ErrorCode::out_of_memory, fmt::format("the kernel killed {} because memory ran out{}", name_, printed()),
                  memory_remedy());
    }
    return fail(ErrorCode::failed, fmt::format("{} {}{}", name_, describe_exit(exit), printed()));
  }

  [[nodiscard]] std::string printed() const {
    const std::string tail = lines_.tail();
    return tail.empty() ? std::string() : fmt::format("; it printed last:\n{}", tail);
  }

  std::string name_;
  GuardedProcess process_;
  RunLimits limits_;
  int output_;
  Lines& lines_;
  Clock::time_point end_ = deadline_after(limits_.timeout);
};

}  // namespace

Result<void> run_guarded(const Command& command, const RunLimits& limits, const CancelToken& cancel,
                         const std::function<void(const std::string&)>& on_line) {
  std::array<int, 2> output{-1, -1};
  if (::pipe2(output.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::failed, "cannot make a pipe", "raise the limit on open files (ulimit -n)");
  const UniqueFd ours(output[0]);
  UniqueFd theirs(output[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  Lines lines(on_line, command.log);
  Command piped = command;
  piped.log.clear();
  piped.descriptors.insert(piped.descriptors.begin(), {{theirs.get(), 1}, {theirs.get(), 2}});
  Result<GuardedProcess> process = GuardedProcess::start(piped);
  if (!process) return tl::unexpected(process.error());
  theirs.reset();
  const std::string name = printable(std::filesystem::path(command.arguments.front()).filename().string());
  return Run(name, std::move(*process), limits, ours.get(), lines).wait(cancel);
}

}  // namespace podium::worker
