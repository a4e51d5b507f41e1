#include "accuracy/npy_file.h"

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "core/text.h"

namespace podium::accuracy {

Result<void> write_npy(const std::filesystem::path& file, const Shape& shape, std::span<const float> values) {
  std::string dimensions;
  for (const std::int64_t size : shape) dimensions += fmt::format("{},", size);
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", dimensions);
  constexpr std::size_t start = 10;  // magic, version and length
  constexpr std::size_t alignment = 64;
  header.resize((start + header.size() + alignment) / alignment * alignment - start - 1, ' ');
  header += '\n';
  std::ofstream stream(file, std::ios::binary);
  stream.write("\x93NUMPY\x01\x00", 8);
  stream.put(static_cast<char>(header.size() & 0xFFU)).put(static_cast<char>(header.size() >> 8U));
  stream << header;
  stream.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
  stream.close();
  if (stream) return {};
  return fail(ErrorCode::io, fmt::format("cannot write '{}'", printable(file.string())), "set TMPDIR to a folder with room");
}

}  // namespace podium::accuracy
