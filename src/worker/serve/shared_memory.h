#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/result.h"

namespace podium::worker {

/// The inputs that the supervisor wrote, mapped read-only.
class InputMap {
 public:
  /// An empty memory (for a probe) maps nothing.
  [[nodiscard]] static Result<InputMap> open(int descriptor);
  InputMap(InputMap&& other) noexcept;
  InputMap& operator=(InputMap&&) = delete;
  ~InputMap();
  /// Nothing where the range is not inside.
  [[nodiscard]] std::byte* at(std::uint64_t offset, std::uint64_t bytes) const noexcept;

 private:
  explicit InputMap(std::span<std::byte> memory) : memory_(memory) {}
  std::span<std::byte> memory_;
};

/// The arena: memory that both sides see and that only grows.
class ArenaMap {
 public:
  explicit ArenaMap(int descriptor) : descriptor_(descriptor) {}
  ArenaMap(const ArenaMap&) = delete;
  ArenaMap& operator=(const ArenaMap&) = delete;
  ~ArenaMap();
  /// Makes the arena at least so large; its address may change.
  [[nodiscard]] Result<void> reserve(std::uint64_t bytes);
  [[nodiscard]] std::byte* data() const noexcept { return memory_.data(); }
  /// The first `count` numbers, every page of them present and, where the system allows it, locked: a timed region must not meet a page
  /// fault.
  [[nodiscard]] Result<std::span<std::uint64_t>> sample_buffer(std::uint64_t count);

 private:
  int descriptor_;
  std::span<std::byte> memory_;
};

}  // namespace podium::worker
