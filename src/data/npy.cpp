#include "data/npy.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

namespace podium::data {

namespace {

constexpr std::string_view magic = "\x93NUMPY";

std::span<std::byte> bytes_of(std::string& text) {
  return std::as_writable_bytes(std::span(text));
}

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::bad_input, std::move(reason), "save the array again with numpy.save or numpy.savez");
}

}  // namespace

Result<NpyHeader> read_npy_start(const ReadExactly& read) {
  std::string start(magic.size(), '\0');
  if (!read(bytes_of(start)) || start != magic) return refuse("it is no NumPy array");
  std::array<std::byte, 2> version{};
  if (!read(version)) return refuse("its header is cut off");
  const int major = std::to_integer<int>(version[0]);
  if (major < 1 || major > 3) return refuse(fmt::format("its format version {} is not known", major));
  std::array<std::byte, 4> length{};  // little-endian; version 1 has two bytes of it
  if (!read(std::span(length).first(major == 1 ? 2 : 4))) return refuse("its header is cut off");
  std::size_t header_bytes = 0;
  for (std::size_t i = 0; i < length.size(); ++i) header_bytes |= std::to_integer<std::size_t>(length[i]) << (8 * i);
  constexpr std::size_t longest_header = std::size_t{1} << 16;
  if (header_bytes > longest_header) return refuse(fmt::format("its header claims {} bytes", header_bytes));
  std::string header(header_bytes, '\0');
  if (!read(bytes_of(header))) return refuse("its header is cut off");
  return parse_npy_header(header);
}

}  // namespace podium::data
