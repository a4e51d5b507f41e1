#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace podium::worker {

/// Resident set size of all living descendants of `root`: shared pages counted once for each. Cheap, and never below the proportional size.
[[nodiscard]] std::int64_t resident_bytes_below(pid_t root);
/// Proportional set size of the same: the kernel walks their page tables, which takes milliseconds for each gigabyte.
[[nodiscard]] std::int64_t proportional_bytes_below(pid_t root);
/// Memory that no process but one of these holds, swapped-out pages included: unlike the proportional size it does not shrink when another
/// worker happens to share a library. Costs the same walk; nothing where the kernel does not tell.
[[nodiscard]] std::optional<std::int64_t> private_bytes_below(pid_t root);
/// The same of one process, from the text of its /proc/PID/smaps_rollup.
[[nodiscard]] std::optional<std::int64_t> private_bytes(const std::string& smaps_rollup);

/// How many processes of this control group (or of the machine, where the group does not count) the kernel has killed for want of memory.
/// `root` stands before /proc and /sys, so that tests can show another machine.
[[nodiscard]] std::optional<std::int64_t> kernel_kill_count(const std::filesystem::path& root = "/");

}  // namespace podium::worker
