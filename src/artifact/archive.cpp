#include "artifact/archive.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zip.h>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "artifact/manifest_check.h"
#include "artifact/manifest_json.h"
#include "core/files.h"
#include "core/text.h"

namespace podium::artifact {

namespace fs = std::filesystem;

namespace {

constexpr const char* copy_again = "copy the archive again, or make it again with podium pack";
constexpr std::size_t piece = std::size_t{1} << 20U;

struct Discard {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const noexcept { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Member = std::unique_ptr<zip_file_t, CloseMember>;

tl::unexpected<Error> refuse(const fs::path& file, const std::string& why, const char* remedy = copy_again) {
  return fail(ErrorCode::bad_input, fmt::format("the archive '{}' {}", printable(file.string()), why), remedy);
}

Result<Archive> open(const fs::path& file) {
  int code = 0;
  Archive archive(zip_open(file.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = printable(zip_error_strerror(&error));
  zip_error_fini(&error);
  return refuse(file, "cannot be read: " + reason, "give an artefact that podium pack wrote: a folder, or its .zip");
}

Result<zip_stat_t> stat_of(zip_t* archive, zip_uint64_t index, const fs::path& file) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & needed) != needed)
    return refuse(file, "has a member without a name or size");
  if (stat.comp_method != ZIP_CM_STORE || stat.comp_size != stat.size)
    return refuse(file, fmt::format("holds '{}' compressed, which Podium's archives are not", printable(stat.name)));
  return stat;
}

Result<void> read_member(zip_t* archive, zip_uint64_t index, std::int64_t bytes, const fs::path& file, const ByteSink& sink) {
  const Member member(zip_fopen_index(archive, index, 0));
  if (!member) return refuse(file, fmt::format("has a member that cannot be read: {}", printable(zip_strerror(archive))));
  std::vector<char> buffer(piece);
  std::int64_t left = bytes;
  while (left > 0) {
    const zip_int64_t count = zip_fread(member.get(), buffer.data(), std::min<zip_uint64_t>(piece, static_cast<zip_uint64_t>(left)));
    if (count <= 0) return refuse(file, fmt::format("is damaged: {}", printable(zip_file_strerror(member.get()))));
    if (auto taken = sink({buffer.data(), static_cast<std::size_t>(count)}); !taken) return taken;
    left -= count;
  }
  return {};
}

Result<std::string> manifest_text(zip_t* archive, const fs::path& file) {
  const zip_int64_t index = zip_name_locate(archive, std::string(manifest_name).c_str(), 0);
  if (index < 0) return refuse(file, "is no artefact: it holds no artifact.json", "give an artefact that podium pack wrote");
  const Result<zip_stat_t> stat = stat_of(archive, static_cast<zip_uint64_t>(index), file);
  if (!stat) return tl::unexpected(stat.error());
  if (stat->size > manifest_limit) return refuse(file, fmt::format("has a manifest of {} bytes", stat->size));
  std::string text;
  const auto taken = read_member(archive, static_cast<zip_uint64_t>(index), static_cast<std::int64_t>(stat->size), file,
                                 [&text](std::string_view bytes) -> Result<void> {
                                   text += bytes;
                                   return {};
                                 });
  if (!taken) return tl::unexpected(taken.error());
  return text;
}

/// Each member is the manifest or a file that it lists, of the size that it says.
Result<void> check_members(zip_t* archive, const Manifest& manifest, const fs::path& file) {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count != static_cast<zip_int64_t>(manifest.files.size()) + 1)
    return refuse(file,
                  fmt::format("has {} members, its manifest lists {} files: one is missing or foreign", count, manifest.files.size()));
  for (zip_int64_t index = 0; index < count; ++index) {
    const Result<zip_stat_t> stat = stat_of(archive, static_cast<zip_uint64_t>(index), file);
    if (!stat) return tl::unexpected(stat.error());
    if (stat->name == manifest_name) continue;
    const auto listed = manifest.files.find(stat->name);
    if (listed == manifest.files.end())
      return refuse(file, fmt::format("holds '{}', which its manifest does not list", printable(stat->name)));
    if (listed->second.bytes != static_cast<std::int64_t>(stat->size))
      return refuse(file,
                    fmt::format("holds '{}' with {} bytes, {} were written", printable(stat->name), stat->size, listed->second.bytes));
  }
  return {};
}

Result<Manifest> manifest_in(zip_t* archive, const fs::path& file) {
  const Result<std::string> text = manifest_text(archive, file);
  if (!text) return tl::unexpected(text.error());
  Result<Manifest> manifest = parse_manifest(*text);
  if (!manifest) return manifest;
  if (auto checked = check_manifest(*manifest); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_members(archive, *manifest, file); !checked) return tl::unexpected(checked.error());
  return manifest;
}

tl::unexpected<Error> cannot_write(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::io, fmt::format("cannot write '{}': {}", printable(file.string()), printable(why)),
              "write to a folder that exists, is writable and has room");
}

Result<void> add_member(zip_t* archive, const fs::path& folder, const std::string& name, const fs::path& file) {
  zip_source_t* const source = zip_source_file(archive, (folder / name).c_str(), 0, -1);
  if (source == nullptr) return cannot_write(file, zip_strerror(archive));
  const zip_int64_t place = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (place < 0) {
    zip_source_free(source);
    return cannot_write(file, zip_strerror(archive));
  }
  zip_set_file_compression(archive, static_cast<zip_uint64_t>(place), ZIP_CM_STORE, 0);
  return {};
}

}  // namespace

Result<void> write_archive(const fs::path& folder, const Manifest& manifest, const fs::path& file) {
  fs::path temporary = file;
  temporary.replace_filename(fmt::format(".{}.{}.tmp", file.filename().string(), ::getpid()));
  int code = 0;
  Archive archive(zip_open(temporary.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!archive) return cannot_write(file, fmt::format("libzip's error {}", code));
  if (auto added = add_member(archive.get(), folder, std::string(manifest_name), file); !added) return added;
  for (const auto& [name, ignored] : manifest.files) {
    if (auto added = add_member(archive.get(), folder, name, file); !added) return added;
  }
  if (zip_close(archive.get()) != 0) return cannot_write(file, zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  std::error_code error;
  fs::rename(temporary, file, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return cannot_write(file, error.message());
}

Result<Manifest> read_archived_manifest(const fs::path& file) {
  const Result<Archive> archive = open(file);
  if (!archive) return tl::unexpected(archive.error());
  return manifest_in(archive->get(), file);
}

Result<Manifest> unpack_archive(const fs::path& file, const fs::path& folder) {
  const Result<Archive> archive = open(file);
  if (!archive) return tl::unexpected(archive.error());
  Result<Manifest> manifest = manifest_in(archive->get(), file);
  if (!manifest) return manifest;
  for (const auto& [name, listed] : manifest->files) {
    const zip_int64_t index = zip_name_locate(archive->get(), name.c_str(), 0);
    if (index < 0) return refuse(file, fmt::format("lacks '{}'", printable(name)));
    std::error_code error;
    fs::create_directories((folder / name).parent_path(), error);
    const std::int64_t bytes = listed.bytes;
    auto written = stream_file_atomically(folder / name, [&, index](const ByteSink& sink) {
      return read_member(archive->get(), static_cast<zip_uint64_t>(index), bytes, file, sink);
    });
    if (!written) return tl::unexpected(written.error());
  }
  return manifest;
}

}  // namespace podium::artifact
