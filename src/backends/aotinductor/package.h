#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace podium::aotinductor {

/// Unpacks a .pt2 archive into `folder`. ErrorCode::bad_input where it is damaged or no AOTInductor package, io where the disk refuses.
[[nodiscard]] Result<void> unpack(const std::filesystem::path& package, const std::filesystem::path& folder);

/// The C++ source of the compiled model that the package carries beside its library; empty where it carries none.
[[nodiscard]] std::string wrapper_source(const std::filesystem::path& package);

}  // namespace podium::aotinductor
