#pragma once

#include <filesystem>

#include "core/result.h"
#include "podium/artifact.h"

/// An artefact as one file: a .zip of the folder's files, stored, not compressed (weights do not shrink, and a stored member cannot grow).
namespace podium::artifact {

/// Writes `folder`'s manifest and files, by temporary file and rename.
[[nodiscard]] Result<void> write_archive(const std::filesystem::path& folder, const Manifest& manifest, const std::filesystem::path& file);

/// The manifest of an archive, checked in itself and against the archive's list of members.
[[nodiscard]] Result<Manifest> read_archived_manifest(const std::filesystem::path& file);

/// Unpacks what the manifest lists into `folder`, which is empty.
[[nodiscard]] Result<Manifest> unpack_archive(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace podium::artifact
