#pragma once

#include <filesystem>
#include <optional>

#include "core/result.h"
#include "core/temporary_folder.h"
#include "podium/artifact.h"

namespace podium::artifact {

/// An artefact whose manifest and files were checked.
struct Opened {
  Manifest manifest;
  std::filesystem::path folder;               ///< where its files lie
  std::optional<TemporaryFolder> unpacked{};  ///< of an archive: gone with this
};

/// Opens a folder or an archive. Errors are bad_input and name the file and what to do.
[[nodiscard]] Result<Opened> open(const std::filesystem::path& artifact, bool check_hashes);
/// The manifest of either, checked in itself; no file is held against it.
[[nodiscard]] Result<Manifest> read_manifest(const std::filesystem::path& artifact);

}  // namespace podium::artifact
