#pragma once

#include <string>

#include "core/result.h"
#include "podium/artifact.h"

namespace podium::artifact {

/// Why a path cannot be that of a file within an artefact: it leaves the folder, is absolute, holds control characters, …; empty where it
/// can.
[[nodiscard]] std::string path_objection(const std::string& path);

/// What a manifest says, against itself: paths stay in the folder, files that it speaks of are listed, sizes are ones that can be, recorded
/// tensors lie in their file, all variants are of one engine and take the model's inputs. Every error is bad_input and names the place.
[[nodiscard]] Result<void> check_manifest(const Manifest& manifest);

}  // namespace podium::artifact
