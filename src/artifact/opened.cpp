#include "artifact/opened.h"

#include <fmt/format.h>

#include <system_error>

#include "artifact/archive.h"
#include "artifact/artifact_files.h"
#include "artifact/manifest_check.h"
#include "artifact/manifest_json.h"
#include "core/files.h"
#include "core/text.h"

namespace podium::artifact {

namespace fs = std::filesystem;

namespace {

Result<Manifest> manifest_of_folder(const fs::path& folder) {
  std::error_code error;
  const fs::path file = folder / manifest_name;
  if (!fs::exists(file, error)) {
    return fail(ErrorCode::bad_input, fmt::format("'{}' is no artefact: it holds no artifact.json", printable(folder.string())),
                "give the folder that podium pack wrote");
  }
  const Result<std::string> text = read_text_file(file, manifest_limit);
  if (!text) return tl::unexpected(text.error());
  Result<Manifest> manifest = parse_manifest(*text);
  if (!manifest) return manifest;
  if (auto checked = check_manifest(*manifest); !checked) return tl::unexpected(checked.error());
  return manifest;
}

Result<fs::file_type> kind_of(const fs::path& artifact) {
  std::error_code error;
  const fs::file_type type = fs::status(artifact, error).type();
  if (type == fs::file_type::directory || type == fs::file_type::regular) return type;
  return fail(ErrorCode::bad_input, fmt::format("there is no artefact '{}'", printable(artifact.string())),
              "check the path: a folder that podium pack wrote, or its .zip");
}

Result<Opened> open_archive(const fs::path& file) {
  Result<TemporaryFolder> folder = TemporaryFolder::create({}, "podium-artifact");
  if (!folder) return tl::unexpected(folder.error());
  Result<Manifest> manifest = unpack_archive(file, folder->path());
  if (!manifest) return tl::unexpected(manifest.error());
  const fs::path place = folder->path();
  return Opened{std::move(*manifest), place, std::move(*folder)};
}

Result<Opened> open_folder(const fs::path& folder) {
  Result<Manifest> manifest = manifest_of_folder(folder);
  if (!manifest) return tl::unexpected(manifest.error());
  std::error_code error;
  return Opened{std::move(*manifest), fs::absolute(folder, error), std::nullopt};
}

}  // namespace

Result<Opened> open(const fs::path& artifact, bool check_hashes) {
  const Result<fs::file_type> kind = kind_of(artifact);
  if (!kind) return tl::unexpected(kind.error());
  Result<Opened> opened = *kind == fs::file_type::regular ? open_archive(artifact) : open_folder(artifact);
  if (!opened) return opened;
  if (auto checked = check_files(opened->folder, opened->manifest, check_hashes); !checked) return tl::unexpected(checked.error());
  return opened;
}

Result<Manifest> read_manifest(const fs::path& artifact) {
  const Result<fs::file_type> kind = kind_of(artifact);
  if (!kind) return tl::unexpected(kind.error());
  return *kind == fs::file_type::regular ? read_archived_manifest(artifact) : manifest_of_folder(artifact);
}

}  // namespace podium::artifact
