#include "backends/aotinductor/package.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace podium::aotinductor {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const noexcept { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

constexpr std::string_view model_folder = "data/aotinductor/";
constexpr std::size_t longest_source = std::size_t{64} << 20;

tl::unexpected<Error> damaged(const std::filesystem::path& package, const std::string& how) {
  return fail(ErrorCode::bad_input, fmt::format("'{}' is damaged or no AOTInductor package: {}", printable(package.string()), how),
              "export the model again, or check that the file was copied whole");
}

Archive open_archive(const std::filesystem::path& package, std::string& problem) {
  int code = 0;
  Archive archive(zip_open(package.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    problem = zip_error_strerror(&error);
    zip_error_fini(&error);
  }
  return archive;
}

/// A name that stays inside the folder it is unpacked to.
bool is_harmless(const std::filesystem::path& name) {
  return !name.is_absolute() && std::none_of(name.begin(), name.end(), [](const auto& part) { return part == ".."; });
}

std::string entry_name(zip_t* archive, zip_int64_t index) {
  const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(index), 0);
  return name == nullptr ? std::string() : name;
}

/// Hands each piece of an entry to `take`; false where the archive's data is damaged.
template <typename Take>
bool read_entry(zip_t* archive, zip_int64_t index, Take&& take) {
  const Entry entry(zip_fopen_index(archive, static_cast<zip_uint64_t>(index), 0));
  if (!entry) return false;
  std::array<char, 1 << 16> buffer{};
  zip_int64_t count = 0;
  while ((count = zip_fread(entry.get(), buffer.data(), buffer.size())) > 0) {
    if (!take(std::string_view(buffer.data(), static_cast<std::size_t>(count)))) return true;
  }
  return count == 0;
}

Result<void> unpack_entry(zip_t* archive, zip_int64_t index, const std::filesystem::path& package, const std::filesystem::path& target) {
  std::error_code error;
  std::filesystem::create_directories(target.parent_path(), error);
  std::ofstream file(target, std::ios::binary);
  const bool whole = read_entry(archive, index, [&](std::string_view piece) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return file.good();
  });
  file.close();
  if (!whole) return damaged(package, fmt::format("its entry '{}' cannot be read", printable(target.filename().string())));
  if (!file)
    return fail(ErrorCode::io, fmt::format("'{}' cannot be written", target.string()),
                "make room on that disk, or set TMPDIR or XDG_CACHE_HOME to another");
  return {};
}

}  // namespace

Result<void> unpack(const std::filesystem::path& package, const std::filesystem::path& folder) {
  std::string problem;
  const Archive archive = open_archive(package, problem);
  if (!archive) return damaged(package, problem);
  bool has_library = false;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive.get(), 0); ++i) {
    const std::string name = entry_name(archive.get(), i);
    if (name.empty() || name.back() == '/') continue;
    if (!is_harmless(name)) return damaged(package, fmt::format("its entry '{}' would lie outside the package", printable(name)));
    if (auto unpacked = unpack_entry(archive.get(), i, package, folder / name); !unpacked) return unpacked;
    has_library = has_library || (name.find(model_folder) != std::string::npos && name.ends_with(".so"));
  }
  if (!has_library) return damaged(package, "it holds no compiled model");
  return {};
}

std::string wrapper_source(const std::filesystem::path& package) {
  std::string problem;
  std::string source;
  const Archive archive = open_archive(package, problem);
  for (zip_int64_t i = 0; archive && i < zip_get_num_entries(archive.get(), 0); ++i) {
    const std::string name = entry_name(archive.get(), i);
    if (name.find(model_folder) == std::string::npos || !name.ends_with(".wrapper.cpp")) continue;
    const auto append = [&](std::string_view piece) {
      source += piece;
      return source.size() < longest_source;
    };
    if (!read_entry(archive.get(), i, append)) source.clear();
  }
  return source;
}

}  // namespace podium::aotinductor
