#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"
#include "podium/artifact.h"

namespace podium::artifact {

inline constexpr std::string_view schema = "podium.artifact/1";
inline constexpr std::string_view manifest_name = "artifact.json";
/// A manifest that is larger is none.
inline constexpr std::size_t manifest_limit = std::size_t{16} << 20U;

[[nodiscard]] std::string to_json(const Manifest& manifest);
/// Errors name the place in the manifest: "variants[0].precision". What it says is not checked beyond its form (see check_manifest).
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);

}  // namespace podium::artifact
