#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <png.h>
#include <zip.h>

#include <cstring>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "data/input_set.h"

namespace podium::data {

using test::slurp;
using test::TemporaryFolder;

inline const std::filesystem::path& photos() {
  static const std::filesystem::path folder = std::filesystem::path(PODIUM_SITE_PACKAGES) / "foolbox/data";
  return folder;
}

/// A PNG file of this format (PNG_FORMAT_…).
inline std::filesystem::path write_png(const TemporaryFolder& folder, const std::string& name, std::uint32_t width, std::uint32_t height,
                                       std::uint32_t format, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  const auto file = folder.path() / name;
  if (png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), 0, nullptr) == 0) throw std::runtime_error(image.message);
  return file;
}

/// A NumPy array file with this header, as numpy.save writes it.
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data, const std::string& order = "False") {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, order, shape);
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xFFU);
  file += static_cast<char>(header.size() >> 8U);
  return file + header + data;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <typename T>
std::vector<T> values_of(const std::vector<std::byte>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// A zip archive with these members.
inline std::filesystem::path write_zip(const TemporaryFolder& folder, const std::string& name,
                                       const std::map<std::string, std::string>& members) {
  const auto file = folder.path() / name;
  int error = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  for (const auto& [member, content] : members) {
    zip_file_add(archive, member.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_ENC_UTF_8);
  }
  if (archive == nullptr || zip_close(archive) != 0) throw std::runtime_error("no archive could be written");
  return file;
}

/// Expects an error with this code and these words in its message.
inline void expect_error(const Result<InputSet>& set, ErrorCode code, std::initializer_list<std::string> parts) {
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, code) << set.error().message;
  for (const std::string& part : parts) EXPECT_THAT(set.error().message, testing::HasSubstr(part));
  EXPECT_FALSE(set.error().remedy.empty()) << set.error().message;
}

}  // namespace podium::data
