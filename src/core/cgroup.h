#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace podium {

/// What the control groups of this process allow, version 2 or 1: the tightest on the way up to the root.
struct CgroupLimits {
  std::optional<double> cpus;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> memory_available_bytes;  ///< limit less what is in use and cannot be reclaimed
};

/// `root` stands before /proc and /sys, so that tests can show another machine.
[[nodiscard]] CgroupLimits read_cgroup_limits(const std::filesystem::path& root = "/");

/// The folders of this process's CPU control group and of those above it, version 2 and 1.
[[nodiscard]] std::vector<std::filesystem::path> cpu_group_folders(const std::filesystem::path& root = "/");

}  // namespace podium
