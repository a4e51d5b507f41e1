#pragma once

#include <cstdint>

#include "podium/results.h"

namespace podium {

/// CPUs this process may use: affinity mask and cgroup quota, at least 1.
[[nodiscard]] std::int64_t usable_cpus();
/// Memory that new processes may take: MemAvailable, capped by the cgroup's limit.
[[nodiscard]] std::int64_t available_memory_bytes();
/// What this machine is, read from /proc and /sys; engine versions are left empty. What it does just now, and may disturb, is
/// machine::preflight's to say.
[[nodiscard]] Environment read_environment();

}  // namespace podium
