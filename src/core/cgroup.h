#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace podium {

/// What the control groups of this process allow, version 2 or 1: the tightest on the way up to the root.
struct CgroupLimits {
  std::optional<double> cpus;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> memory_available_bytes;  ///< limit less what is in use and cannot be reclaimed
};

/// `root` stands before /proc and /sys, so that tests can show another machine.
[[nodiscard]] CgroupLimits read_cgroup_limits(const std::filesystem::path& root = "/");

}  // namespace podium
