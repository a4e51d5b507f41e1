#include "artifact/artifact_files.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "artifact/manifest_json.h"
#include "core/sha256.h"
#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::artifact {

namespace fs = std::filesystem;

namespace {

constexpr const char* copy_again = "copy the artefact again, or make it again with podium pack";

tl::unexpected<Error> refuse(const std::string& path, const std::string& why, std::string remedy = copy_again) {
  return fail(ErrorCode::bad_input, fmt::format("the artefact's file '{}' {}", printable(path), why), std::move(remedy));
}

Result<void> check_file(const fs::path& folder, const std::string& path, const ArtifactFile& listed, bool check_hash) {
  std::error_code error;
  const fs::path file = folder / path;
  const fs::file_status status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found) return refuse(path, "is missing");
  if (!fs::is_regular_file(status)) return refuse(path, "is no plain file but a link, a folder or a device");
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file, error));
  if (error) return refuse(path, "cannot be read: " + error.message(), "check its permissions");
  if (bytes < listed.bytes) return refuse(path, fmt::format("is cut off: it has {} bytes of {}", bytes, listed.bytes));
  if (bytes > listed.bytes) return refuse(path, fmt::format("was changed: it has {} bytes, {} were written", bytes, listed.bytes));
  if (!check_hash) return {};
  const Result<std::string> hash = sha256_of_path(file);
  if (!hash) return tl::unexpected(hash.error());
  if (*hash != listed.sha256) return refuse(path, "was changed: its SHA-256 is not the recorded one");
  return {};
}

/// Links are not followed: a folder that is one would bring in files of elsewhere.
Result<void> check_nothing_else(const fs::path& folder, const Manifest& manifest) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().lexically_relative(folder).generic_string();
    const fs::file_status status = it->symlink_status(error);
    if (fs::is_directory(status) || path == manifest_name || manifest.files.contains(path)) continue;
    return refuse(path, "is foreign: the manifest does not list it", "move it out of the artefact");
  }
  if (error)
    return fail(ErrorCode::io, fmt::format("the artefact '{}' cannot be read: {}", printable(folder.string()), error.message()),
                "check the path and its permissions");
  return {};
}

}  // namespace

Result<void> check_files(const fs::path& folder, const Manifest& manifest, bool check_hashes) {
  if (auto checked = check_nothing_else(folder, manifest); !checked) return checked;
  for (const auto& [path, listed] : manifest.files) {
    if (auto checked = check_file(folder, path, listed, check_hashes); !checked) return checked;
  }
  return {};
}

Result<std::string> read_recorded(const fs::path& folder, const ArtifactVariant& variant, const RecordedTensor& tensor) {
  std::ifstream stream(folder / variant.recorded, std::ios::binary);
  std::string bytes(element_count(tensor.shape) * size_of(tensor.type), '\0');
  stream.seekg(tensor.offset);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) return refuse(variant.recorded, fmt::format("ends before the recorded tensor '{}'", printable(tensor.name)));
  return bytes;
}

}  // namespace podium::artifact
