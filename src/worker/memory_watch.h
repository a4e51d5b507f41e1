#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "worker/guarded_process.h"

namespace podium::worker {

/// Follows the memory of a process and all its descendants against a limit. The proportional size costs the kernel a walk of the page
/// tables, so it is asked only when the resident size, which bounds it, has grown past what was seen or past the limit.
class MemoryWatch {
 public:
  explicit MemoryWatch(std::int64_t limit_bytes) : limit_(limit_bytes) {}

  /// Takes a sample; false where it is over the limit.
  [[nodiscard]] bool within_limit(const GuardedProcess& process) {
    const std::int64_t resident = process.resident_bytes();
    const bool grown = resident > highest_resident_ + highest_resident_ / 50;
    if (!grown && (limit_ <= 0 || resident <= limit_)) return true;
    highest_resident_ = std::max(highest_resident_, resident);
    const std::int64_t proportional = process.memory_bytes();
    peak_ = std::max(peak_, proportional);
    private_now(process);
    return limit_ <= 0 || proportional <= limit_;
  }
  /// What only these processes hold now; it counts for their peak. Limits do not look at it: they guard what the machine has left.
  std::optional<std::int64_t> private_now(const GuardedProcess& process) {
    const std::optional<std::int64_t> bytes = process.private_bytes();
    if (bytes) private_peak_ = std::max(private_peak_.value_or(0), *bytes);
    return bytes;
  }
  [[nodiscard]] std::optional<std::int64_t> private_peak() const noexcept { return private_peak_; }
  void note(std::int64_t bytes) { peak_ = std::max(peak_, bytes); }
  [[nodiscard]] std::int64_t peak() const noexcept { return peak_; }
  [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }

 private:
  std::int64_t limit_;
  std::int64_t peak_ = 0;
  std::int64_t highest_resident_ = 0;
  std::optional<std::int64_t> private_peak_;
};

}  // namespace podium::worker
