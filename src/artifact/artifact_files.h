#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "podium/artifact.h"

namespace podium::artifact {

/// Every file below `folder` against the manifest: each one that is listed is there, is a file and no link, has its size and, where
/// `check_hashes`, its content; nothing else is there but the manifest. Errors are bad_input and name the file.
[[nodiscard]] Result<void> check_files(const std::filesystem::path& folder, const Manifest& manifest, bool check_hashes);

/// Bytes of a recorded tensor, read from the artefact.
[[nodiscard]] Result<std::string> read_recorded(const std::filesystem::path& folder, const ArtifactVariant& variant,
                                                const RecordedTensor& tensor);

}  // namespace podium::artifact
