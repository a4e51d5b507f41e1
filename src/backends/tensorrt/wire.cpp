#include "backends/tensorrt/wire.h"

#include <algorithm>

namespace podium::tensorrt::wire {
namespace {

constexpr std::uint32_t kind_bits = 3;
constexpr unsigned int bits_a_byte = 7;
constexpr unsigned int most_bits = 64;
constexpr std::uint64_t more_bytes = 0x80;

/// Reads on from the front of `rest`.
bool take_varint(std::string_view& rest, std::uint64_t& value) {
  value = 0;
  for (unsigned int shift = 0; shift < most_bits && !rest.empty(); shift += bits_a_byte) {
    const auto byte = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    value |= (byte & (more_bytes - 1)) << shift;
    if ((byte & more_bytes) == 0) return true;
  }
  return false;
}

bool take_bytes(std::string_view& rest, std::uint64_t count, std::string_view& bytes) {
  if (count > rest.size()) return false;
  bytes = rest.substr(0, count);
  rest.remove_prefix(count);
  return true;
}

bool take_payload(std::string_view& rest, Field& field) {
  constexpr std::uint32_t eight_bytes = 1;
  constexpr std::uint32_t four_bytes = 5;
  std::uint64_t length = 0;
  switch (field.kind) {
    case varint_kind:
      return take_varint(rest, field.value);
    case bytes_kind:
      return take_varint(rest, length) && take_bytes(rest, length, field.bytes);
    case eight_bytes:
      return take_bytes(rest, 8, field.bytes);
    case four_bytes:
      return take_bytes(rest, 4, field.bytes);
    default:
      return false;  // groups, which ONNX has none of
  }
}

void append_varint(std::string& message, std::uint64_t value) {
  for (; value >= more_bytes; value >>= bits_a_byte) message += static_cast<char>((value & (more_bytes - 1)) | more_bytes);
  message += static_cast<char>(value);
}

}  // namespace

std::optional<std::vector<Field>> fields_of(std::string_view message) {
  std::vector<Field> fields;
  for (std::string_view rest = message; !rest.empty();) {
    const std::string_view before = rest;
    std::uint64_t tag = 0;
    if (!take_varint(rest, tag)) return std::nullopt;
    Field field{static_cast<std::uint32_t>(tag >> kind_bits), static_cast<std::uint32_t>(tag & 7U), 0, {}, {}};
    if (!take_payload(rest, field)) return std::nullopt;
    field.whole = before.substr(0, before.size() - rest.size());
    fields.push_back(field);
  }
  return fields;
}

std::string_view bytes_of(const std::vector<Field>& fields, std::uint32_t number) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& it) { return it.number == number; });
  return found == fields.end() ? std::string_view() : found->bytes;
}

std::optional<std::vector<std::uint64_t>> varints_in(std::string_view packed) {
  std::vector<std::uint64_t> values;
  while (!packed.empty()) {
    if (!take_varint(packed, values.emplace_back())) return std::nullopt;
  }
  return values;
}

void append_bytes(std::string& message, std::uint32_t number, std::string_view bytes) {
  append_varint(message, (std::uint64_t{number} << kind_bits) | bytes_kind);
  append_varint(message, bytes.size());
  message += bytes;
}

}  // namespace podium::tensorrt::wire
