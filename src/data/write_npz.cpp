#include "data/write_npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "core/text.h"

namespace podium::data {
namespace {

struct Discard {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};

/// NumPy's code of a type; empty for bfloat16, which it lacks.
std::string type_code(DataType type) {
  const std::string name(to_string(type));
  if (type == DataType::boolean) return "|b1";
  if (type == DataType::bfloat16) return {};
  const char kind = name.front() == 'f' ? 'f' : name.front() == 'u' ? 'u' : 'i';
  return fmt::format("{}{}{}", size_of(type) == 1 ? '|' : '<', kind, size_of(type));
}

/// Axis 0 counts samples: in the place of the batch, or before the axes of an input without one.
Shape shape_of_array(const WantedInput& input, std::size_t samples) {
  Shape shape = input.shape;
  if (input.has_batch_axis && !shape.empty()) shape.erase(shape.begin());
  shape.insert(shape.begin(), static_cast<std::int64_t>(samples));
  return shape;
}

/// NumPy's format, version 1.0: magic, length of the header, header padded to 64 bytes.
std::string npy_start(const std::string& code, const Shape& shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += fmt::format("{}, ", size);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", code, sizes);
  constexpr std::size_t before_header = 10;
  constexpr std::size_t alignment = 64;
  const std::size_t whole = (before_header + header.size() + alignment) / alignment * alignment;
  header.resize(whole - before_header - 1, ' ');
  header += '\n';
  std::string start("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(header.size() & 0xFFU);
  start += static_cast<char>(header.size() >> 8U);
  return start + header;
}

/// The bytes of one array's file.
std::vector<char> npy_file(const InputSet& set, std::size_t input, const std::string& code) {
  const std::string start = npy_start(code, shape_of_array(set.inputs[input], set.samples.size()));
  std::vector<char> bytes(start.begin(), start.end());
  for (const Sample& sample : set.samples) {
    const auto* const first = reinterpret_cast<const char*>(sample[input].data());
    bytes.insert(bytes.end(), first, first + sample[input].size());
  }
  return bytes;
}

tl::unexpected<Error> cannot_write(const std::filesystem::path& file, const std::string& why) {
  return fail(ErrorCode::io, fmt::format("cannot write '{}': {}", printable(file.string()), why), "free some space there");
}

}  // namespace

Result<void> write_npz(const std::filesystem::path& file, const InputSet& set) {
  int code = 0;
  std::unique_ptr<zip_t, Discard> archive(zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!archive) return cannot_write(file, fmt::format("libzip's error {}", code));
  std::vector<std::vector<char>> arrays;  // libzip reads them when the archive is closed
  arrays.reserve(set.inputs.size());
  for (std::size_t i = 0; i < set.inputs.size(); ++i) {
    const std::string type = type_code(set.inputs[i].type);
    if (type.empty())
      return fail(ErrorCode::unsupported,
                  fmt::format("NumPy has no {}, the type of input '{}'", to_string(set.inputs[i].type), printable(set.inputs[i].name)));
    const std::vector<char>& bytes = arrays.emplace_back(npy_file(set, i, type));
    zip_source_t* const source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
    const zip_int64_t place = zip_file_add(archive.get(), (set.inputs[i].name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
      zip_source_free(source);
      return cannot_write(file, zip_strerror(archive.get()));
    }
    zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(place), ZIP_CM_STORE, 0);
  }
  if (zip_close(archive.get()) != 0) return cannot_write(file, zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  return {};
}

}  // namespace podium::data
