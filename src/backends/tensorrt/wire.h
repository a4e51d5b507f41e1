#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Protobuf's wire format, as far as moving fields about needs it: the engine's parser brings a protobuf of its own, which another in the
/// same process must not meet.
namespace podium::tensorrt::wire {

struct Field {
  std::uint32_t number = 0;
  std::uint32_t kind = 0;
  std::uint64_t value = 0;  ///< of a varint
  std::string_view bytes;   ///< of a text, a message, packed numbers
  std::string_view whole;   ///< with its tag
};
inline constexpr std::uint32_t varint_kind = 0;
inline constexpr std::uint32_t bytes_kind = 2;

/// The fields of a message, which see its bytes; nothing where it is damaged.
[[nodiscard]] std::optional<std::vector<Field>> fields_of(std::string_view message);
/// The bytes of the first such field; empty where there is none.
[[nodiscard]] std::string_view bytes_of(const std::vector<Field>& fields, std::uint32_t number);
[[nodiscard]] std::optional<std::vector<std::uint64_t>> varints_in(std::string_view packed);

void append_bytes(std::string& message, std::uint32_t number, std::string_view bytes);

}  // namespace podium::tensorrt::wire
