#pragma once

#include <cstddef>
#include <cstdint>

namespace podium::fake {

/// The fake's GPU has the host's memory by other addresses, which no processor takes: a program that reads them as its own ends at once.
inline constexpr std::uintptr_t device_bit = std::uintptr_t{1} << 62U;

[[nodiscard]] inline bool is_on_device(const std::byte* address) noexcept {
  return (reinterpret_cast<std::uintptr_t>(address) & device_bit) != 0;
}
[[nodiscard]] inline std::byte* to_device(const std::byte* address) noexcept {
  return reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(address) | device_bit);
}
/// Of an address on either side.
[[nodiscard]] inline std::byte* to_host(const std::byte* address) noexcept {
  return reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(address) & ~device_bit);
}

}  // namespace podium::fake
