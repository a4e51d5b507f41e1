#include "core/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "core/text.h"

namespace podium {

namespace fs = std::filesystem;

namespace {

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The value behind `key` in a file of "key value" lines.
std::optional<std::int64_t> keyed_number(const fs::path& file, std::string_view key) {
  std::ifstream stream(file);
  std::string name;
  std::int64_t value = 0;
  while (stream >> name >> value) {
    if (name == key) return value;
  }
  return std::nullopt;
}

template <typename T>
void tighten(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

void add_cpu_quota(CgroupLimits& limits, std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return;  // "max" or -1: no quota
  tighten(limits.cpus, static_cast<double>(*quota) / static_cast<double>(*period));
}

struct MemoryFiles {
  const char* limit;
  const char* used;
  const char* reclaimable;  ///< key in memory.stat: page cache that the kernel gives back when asked
};

void add_memory_limit(CgroupLimits& limits, const fs::path& folder, const MemoryFiles& files) {
  constexpr std::int64_t unlimited = std::int64_t{1} << 60;  // version 1 writes a huge number for "no limit"
  const std::optional<std::int64_t> limit = number(first_line(folder / files.limit));
  if (!limit || *limit <= 0 || *limit >= unlimited) return;
  tighten(limits.memory_bytes, *limit);
  const std::int64_t used = number(first_line(folder / files.used)).value_or(0);
  const std::int64_t reclaimable = keyed_number(folder / "memory.stat", files.reclaimable).value_or(0);
  tighten(limits.memory_available_bytes, std::clamp<std::int64_t>(*limit - used + reclaimable, 0, *limit));
}

void add_version_2(CgroupLimits& limits, const fs::path& folder) {
  const std::vector<std::string> quota = split(first_line(folder / "cpu.max"), ' ');
  if (quota.size() == 2) add_cpu_quota(limits, number(quota[0]), number(quota[1]));
  add_memory_limit(limits, folder, {"memory.max", "memory.current", "inactive_file"});
}

void add_version_1(CgroupLimits& limits, const fs::path& folder) {
  add_cpu_quota(limits, number(first_line(folder / "cpu.cfs_quota_us")), number(first_line(folder / "cpu.cfs_period_us")));
  add_memory_limit(limits, folder, {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"});
}

/// Visits the group's folder and those above it. In a container the group's path may not be visible; the mount's root is then its own.
template <typename Visit>
void walk_up(const fs::path& mount, const fs::path& group, Visit&& visit) {
  for (fs::path path = group.relative_path();; path = path.parent_path()) {
    visit(mount / path);
    if (path.empty()) return;
  }
}

/// Visits every folder of this process's groups with the controller that it belongs to, empty for version 2.
template <typename Visit>
void visit_groups(const fs::path& root, Visit&& visit) {
  std::ifstream groups(root / "proc/self/cgroup");
  // Each line is "hierarchy:controllers:path"; version 2 has hierarchy 0 and no controllers.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      for (const char* mount : {"sys/fs/cgroup", "sys/fs/cgroup/unified"})
        walk_up(root / mount, group, [&visit](const fs::path& folder) { visit(std::string_view(), folder); });
      continue;
    }
    for (const std::string& controller : split(controllers, ',')) {
      if (controller != "cpu" && controller != "memory") continue;
      walk_up(root / "sys/fs/cgroup" / controller, group, [&](const fs::path& folder) { visit(std::string_view(controller), folder); });
    }
  }
}

}  // namespace

CgroupLimits read_cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  visit_groups(root, [&limits](std::string_view controller, const fs::path& folder) {
    if (controller.empty())
      add_version_2(limits, folder);
    else
      add_version_1(limits, folder);
  });
  return limits;
}

std::vector<fs::path> cpu_group_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  visit_groups(root, [&folders](std::string_view controller, const fs::path& folder) {
    if (controller.empty() || controller == "cpu") folders.push_back(folder);
  });
  return folders;
}

}  // namespace podium
