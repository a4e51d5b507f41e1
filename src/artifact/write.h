#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/result.h"
#include "podium/artifact.h"

namespace podium::artifact {

/// What goes into an artefact besides the manifest.
struct Contents {
  std::map<std::string, std::filesystem::path> copied;  ///< path within the artefact → file to copy
  std::map<std::string, std::string> written;           ///< path within the artefact → content
};

/// Writes an artefact: into a folder beside `target` that is renamed at the end, so that `target` is whole or not there. Fills in
/// `manifest.files`, checks the manifest and returns it. `target` must not exist, unless `overwrite` and it is an artefact: then it is
/// replaced. A target whose name ends in ".zip" becomes an archive.
[[nodiscard]] Result<Manifest> write(const std::filesystem::path& target, Manifest manifest, const Contents& contents, bool overwrite);

/// Finds out before anything is built that write() would refuse the target.
[[nodiscard]] Result<void> check_target(const std::filesystem::path& target, bool overwrite);

}  // namespace podium::artifact
