#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace podium {

/// The name of an enumerator, from a table of (enumerator, name): one table serves both directions.
template <typename Enum, std::size_t Count>
[[nodiscard]] constexpr std::string_view name_in(const std::pair<Enum, std::string_view> (&table)[Count], Enum value) noexcept {
  for (const auto& [enumerator, name] : table) {
    if (enumerator == value) return name;
  }
  return "unknown";
}

template <typename Enum, std::size_t Count>
[[nodiscard]] constexpr std::optional<Enum> value_in(const std::pair<Enum, std::string_view> (&table)[Count],
                                                     std::string_view name) noexcept {
  for (const auto& [enumerator, known] : table) {
    if (known == name) return enumerator;
  }
  return std::nullopt;
}

}  // namespace podium
