#include "worker/memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "core/text.h"
#include "worker/process_tree.h"

namespace podium::worker {

namespace fs = std::filesystem;

namespace {

std::int64_t resident_bytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

/// The number behind `key` in a file of "key value …" lines; nothing where the file or the key is not there.
std::optional<std::int64_t> keyed_number(const fs::path& file, const std::string& key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(key)) continue;
    return std::strtoll(line.c_str() + key.size(), nullptr, 10);
  }
  return std::nullopt;
}

std::int64_t proportional_bytes(pid_t pid) {
  const std::optional<std::int64_t> kibibytes = keyed_number(fmt::format("/proc/{}/smaps_rollup", pid), "Pss:");
  return kibibytes ? *kibibytes * 1024 : resident_bytes(pid);  // unreadable for a process that may not be dumped
}

template <typename Measure>
std::int64_t sum_below(pid_t root, Measure&& measure) {
  std::int64_t sum = 0;
  for (const ProcessEntry& process : descendants_of(root, read_processes())) sum += measure(process.pid);
  return sum;
}

/// Counter of one line of /proc/self/cgroup, "hierarchy:controllers:path"; version 2 names no controllers.
std::optional<std::int64_t> group_kill_count(const fs::path& root, const std::string& line) {
  const std::vector<std::string> fields = split(line, ':');
  if (fields.size() < 3) return std::nullopt;
  const fs::path group = fs::path(line.substr(fields[0].size() + fields[1].size() + 2)).relative_path();
  if (fields[1].empty()) {
    const auto count = keyed_number(root / "sys/fs/cgroup" / group / "memory.events", "oom_kill ");
    // In a container the group's path may not be visible; the mount's root is then its own.
    return count ? count : keyed_number(root / "sys/fs/cgroup/memory.events", "oom_kill ");
  }
  if ((',' + fields[1] + ',').find(",memory,") == std::string::npos) return std::nullopt;
  const auto count = keyed_number(root / "sys/fs/cgroup/memory" / group / "memory.oom_control", "oom_kill ");
  return count ? count : keyed_number(root / "sys/fs/cgroup/memory/memory.oom_control", "oom_kill ");
}

}  // namespace

std::int64_t resident_bytes_below(pid_t root) {
  return sum_below(root, resident_bytes);
}

std::int64_t proportional_bytes_below(pid_t root) {
  return sum_below(root, proportional_bytes);
}

std::optional<std::int64_t> private_bytes(const std::string& smaps_rollup) {
  static constexpr std::array<std::string_view, 4> counted{"Private_Clean:", "Private_Dirty:", "Private_Hugetlb:", "Swap:"};
  std::optional<std::int64_t> sum;
  for (const std::string& line : split(smaps_rollup, '\n')) {
    for (const std::string_view key : counted) {
      if (line.starts_with(key)) sum = sum.value_or(0) + std::strtoll(line.c_str() + key.size(), nullptr, 10) * 1024;
    }
  }
  return sum;
}

std::optional<std::int64_t> private_bytes_below(pid_t root) {
  std::optional<std::int64_t> sum;
  for (const ProcessEntry& process : descendants_of(root, read_processes())) {
    std::ifstream file(fmt::format("/proc/{}/smaps_rollup", process.pid));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (const auto bytes = private_bytes(text)) sum = sum.value_or(0) + *bytes;
  }
  return sum;
}

std::optional<std::int64_t> kernel_kill_count(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (const auto count = group_kill_count(root, line)) return count;
  }
  return keyed_number(root / "proc/vmstat", "oom_kill ");
}

}  // namespace podium::worker
