#include "worker/process_tree.h"

#include <dirent.h>
#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/unique_fd.h"

namespace podium::worker {

namespace {

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

std::optional<ProcessEntry> read_process(const char* name) {
  char* end = nullptr;
  const long pid = std::strtol(name, &end, 10);
  if (pid <= 0 || *end != '\0') return std::nullopt;
  const UniqueFd fd(::open(("/proc/" + std::string(name) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> buffer{};
  const ssize_t size = fd ? ::read(fd.get(), buffer.data(), buffer.size() - 1) : -1;
  if (size <= 0) return std::nullopt;
  // "PID (NAME) STATE PARENT …", and NAME may hold anything, parentheses too.
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t close = text.rfind(')');
  if (close == std::string_view::npos || close + 4 >= text.size()) return std::nullopt;
  const long parent = std::strtol(buffer.data() + close + 4, nullptr, 10);
  return ProcessEntry{static_cast<pid_t>(pid), static_cast<pid_t>(parent), text[close + 2]};
}

}  // namespace

std::vector<ProcessEntry> read_processes() {
  std::vector<ProcessEntry> processes;
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir("/proc"));
  if (!directory) return processes;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (const std::optional<ProcessEntry> process = read_process(entry->d_name)) processes.push_back(*process);
  }
  return processes;
}

std::vector<ProcessEntry> descendants_of(pid_t root, const std::vector<ProcessEntry>& processes) {
  std::vector<ProcessEntry> found;
  const auto add_children = [&](pid_t parent) {
    for (const ProcessEntry& process : processes) {
      if (process.parent == parent) found.push_back(process);
    }
  };
  add_children(root);
  for (std::size_t i = 0; i < found.size(); ++i) add_children(found[i].pid);
  return found;
}

}  // namespace podium::worker
