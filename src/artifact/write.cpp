#include "artifact/write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <system_error>

#include "artifact/archive.h"
#include "artifact/manifest_check.h"
#include "artifact/manifest_json.h"
#include "artifact/opened.h"
#include "core/files.h"
#include "core/sha256.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "core/unique_fd.h"

namespace podium::artifact {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> cannot_write(const fs::path& target, const std::string& why) {
  return fail(ErrorCode::io, fmt::format("cannot write the artefact '{}': {}", printable(target.string()), why),
              "write to a folder that exists, is writable and has room");
}

bool is_archive(const fs::path& target) {
  return target.extension() == ".zip";
}

fs::path folder_of(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

/// "DIR/" names the same as "DIR".
fs::path without_slash(const fs::path& target) {
  return target.has_filename() ? target : target.parent_path();
}

/// 0, or the errno of what was refused.
int sync(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno;
  return ::fsync(fd.get()) == 0 || errno == EINVAL ? 0 : errno;  // some file systems cannot sync a folder
}

Result<ArtifactFile> facts_of(const fs::path& file) {
  Result<std::string> hash = sha256_of_path(file);
  if (!hash) return tl::unexpected(hash.error());
  std::error_code error;
  return ArtifactFile{std::move(*hash), static_cast<std::int64_t>(fs::file_size(file, error))};
}

Result<void> put(const fs::path& folder, const std::string& path, const std::function<Result<void>(const fs::path&)>& make,
                 Manifest& manifest) {
  if (const std::string objection = path_objection(path); !objection.empty())
    return fail(ErrorCode::failed, fmt::format("the path '{}' {}", printable(path), objection));
  const fs::path file = folder / path;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (auto made = make(file); !made) return made;
  if (const int refused = sync(file); refused != 0) return cannot_write(file, std::generic_category().message(refused));
  Result<ArtifactFile> facts = facts_of(file);
  if (!facts) return tl::unexpected(facts.error());
  manifest.files[path] = std::move(*facts);
  return {};
}

Result<void> copy_in(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::copy_file(from, to, error) && !error) return {};
  return cannot_write(to, fmt::format("'{}' could not be copied: {}", printable(from.string()), error.message()));
}

Result<void> fill(const fs::path& folder, Manifest& manifest, const Contents& contents) {
  manifest.files.clear();
  for (const auto& [path, from] : contents.copied) {
    if (auto done = put(
            folder, path, [&from = from](const fs::path& to) { return copy_in(from, to); }, manifest);
        !done)
      return done;
  }
  for (const auto& [path, content] : contents.written) {
    const auto make = [&content = content](const fs::path& to) { return write_file_atomically(to, content); };
    if (auto done = put(folder, path, make, manifest); !done) return done;
  }
  if (auto checked = check_manifest(manifest); !checked) return checked;
  return write_file_atomically(folder / manifest_name, to_json(manifest));
}

/// The old artefact takes the new one's place beside the target, in one step where the file system can, and is removed with the temporary.
Result<void> move_in(const fs::path& made, const fs::path& target) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(target, error))) {
    fs::rename(made, target, error);
    return error ? cannot_write(target, error.message()) : Result<void>{};
  }
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return cannot_write(target, std::generic_category().message(errno));
  const fs::path old = made.string() + ".old";
  fs::rename(target, old, error);
  if (!error) fs::rename(made, target, error);
  if (error) return cannot_write(target, error.message());
  fs::remove_all(old, error);
  return {};
}

}  // namespace

Result<void> check_target(const fs::path& asked, bool overwrite) {
  const fs::path target = without_slash(asked);
  std::error_code error;
  if (!fs::is_directory(folder_of(target), error)) {
    return fail(ErrorCode::wrong_use,
                fmt::format("the folder '{}' that the artefact is to be written to is not there", printable(folder_of(target).string())),
                "make it, or choose another place");
  }
  if (!fs::exists(fs::symlink_status(target, error))) return {};
  if (!overwrite) {
    return fail(ErrorCode::wrong_use, fmt::format("'{}' is there already", printable(target.string())),
                "choose another name, or replace the artefact with --overwrite");
  }
  if (const auto old = read_manifest(target); !old) {
    return fail(ErrorCode::wrong_use,
                fmt::format("'{}' is not replaced, since it is no artefact: {}", printable(target.string()), old.error().message),
                "choose another name, or remove it");
  }
  return {};
}

Result<Manifest> write(const fs::path& asked, Manifest manifest, const Contents& contents, bool overwrite) {
  const fs::path target = without_slash(asked);
  if (auto checked = check_target(target, overwrite); !checked) return tl::unexpected(checked.error());
  const Result<TemporaryFolder> folder = TemporaryFolder::create(folder_of(target), "." + target.filename().string());
  if (!folder) return tl::unexpected(folder.error());
  if (auto filled = fill(folder->path(), manifest, contents); !filled) return tl::unexpected(filled.error());
  std::error_code error;
  fs::permissions(folder->path(), fs::perms(0755), error);
  const auto done = is_archive(target) ? write_archive(folder->path(), manifest, target) : move_in(folder->path(), target);
  if (!done) return tl::unexpected(done.error());
  if (const int refused = sync(folder_of(target)); refused != 0) return cannot_write(target, std::generic_category().message(refused));
  return manifest;
}

}  // namespace podium::artifact
