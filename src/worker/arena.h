#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace podium::worker {

/// The supervisor's end of the memory that a worker writes outputs and samples to. It cannot shrink, and what a worker names is checked
/// before it is read.
class Arena {
 public:
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&&) = delete;
  ~Arena();
  [[nodiscard]] static Result<Arena> create();
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }
  /// A copy of a range that a reply names.
  [[nodiscard]] Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t bytes) const;
  /// All of it as it is now, where it lies: until the next call of this function. The worker can still write there. What has been looked at
  /// so counts as memory of both processes.
  [[nodiscard]] Result<std::span<const std::byte>> view();

 private:
  Arena() = default;
  [[nodiscard]] Result<std::uint64_t> size() const;

  UniqueFd fd_;
  std::span<std::byte> memory_;
};

/// The part that a reply names; an error where it is not inside.
[[nodiscard]] Result<std::span<const std::byte>> part_of(std::span<const std::byte> arena, std::uint64_t offset, std::uint64_t bytes);

}  // namespace podium::worker
