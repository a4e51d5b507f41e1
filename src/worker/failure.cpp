#include "worker/failure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>  // NOLINT: sigabbrev_np is POSIX's header's, not <cstring>'s
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/text.h"
#include "core/unique_fd.h"

namespace podium::worker {

namespace {

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("signal {} (SIG{})", signal, name);
}

}  // namespace

std::string describe_exit(const ExitStatus& exit) {
  return exit.signal ? fmt::format("was ended by {}", signal_name(*exit.signal)) : fmt::format("exited with status {}", exit.code);
}

std::string load_remedy() {
  return "give it more time with --load-timeout SECONDS";
}
std::string run_remedy() {
  return "give it more time with --run-timeout SECONDS";
}
std::string memory_remedy() {
  return "give it more memory with --memory-limit SIZE, or take a smaller --batch";
}

std::string log_tail(const std::filesystem::path& log) {
  constexpr off_t kept_bytes = 16384;
  constexpr std::size_t kept_lines = 20;
  const UniqueFd fd(log.empty() ? -1 : ::open(log.c_str(), O_RDONLY | O_CLOEXEC));
  const off_t size = fd ? ::lseek(fd.get(), 0, SEEK_END) : 0;
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(std::min(size, kept_bytes)), '\0');
  const ssize_t count = ::pread(fd.get(), text.data(), text.size(), size - static_cast<off_t>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::vector<std::string> lines = split(text, '\n');
  if (lines.size() > kept_lines) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kept_lines));
  for (std::string& line : lines) line = printable(line);
  return join(lines, "\n");
}

WorkerError failure_of_exit(const ExitStatus& exit, const std::string& doing, std::string log_tail) {
  if (exit.signal && exit.kernel_out_of_memory) {
    return {
        {ErrorCode::out_of_memory, fmt::format("the kernel killed the worker while {}, because memory ran out", doing), memory_remedy()},
        {"out_of_memory", exit.signal, std::move(log_tail)}};
  }
  const std::string message = fmt::format("the worker {} while {}", describe_exit(exit), doing);
  if (exit.signal) return {{ErrorCode::failed, message, {}}, {"crash", exit.signal, std::move(log_tail)}};
  return {{ErrorCode::failed, message + ", without an answer", {}}, {"lost", std::nullopt, std::move(log_tail)}};
}

WorkerError failure_of_memory(std::int64_t limit_bytes, const std::string& doing, std::string log_tail) {
  return {{ErrorCode::out_of_memory,
           fmt::format("the worker took more than its {} of memory while {}", human_bytes(static_cast<double>(limit_bytes)), doing),
           memory_remedy()},
          {"out_of_memory", std::nullopt, std::move(log_tail)}};
}

WorkerError failure_of_reply(Error error, std::string log_tail, bool on_device) {
  if (error.code == ErrorCode::unsupported) return {std::move(error), {"unsupported", std::nullopt, {}}};
  if (on_device && error.code == ErrorCode::out_of_memory) return {std::move(error), {"out_of_memory", std::nullopt, std::move(log_tail)}};
  const bool not_its_own = error.code == ErrorCode::out_of_memory || error.code == ErrorCode::timeout || error.code == ErrorCode::cancelled;
  if (not_its_own) error.code = ErrorCode::failed;
  return {std::move(error), {"error", std::nullopt, std::move(log_tail)}};
}

}  // namespace podium::worker
