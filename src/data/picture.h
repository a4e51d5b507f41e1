#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/result.h"

namespace podium::data {

/// Red, green and blue, 8 bits each, row by row.
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> pixels;
};

inline constexpr std::int64_t picture_channels = 3;

/// Reads a JPEG or PNG file, told apart by content. Grey pictures get three equal channels; transparency is left out, as Pillow's
/// convert("RGB") does; the orientation that a camera notes is not applied. Errors name the file.
[[nodiscard]] Result<Picture> read_picture(const std::filesystem::path& file);

}  // namespace podium::data
