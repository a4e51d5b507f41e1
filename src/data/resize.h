#pragma once

#include <cstdint>

#include "data/picture.h"

namespace podium::data {

enum class Interpolation : std::uint8_t { bilinear, bicubic };

/// Scales with a filter that widens when it shrinks a picture (anti-aliasing): a triangle like Pillow's BILINEAR, or Catmull and Rom's
/// cubic like its BICUBIC.
[[nodiscard]] Picture resize(const Picture& picture, std::int64_t width, std::int64_t height, Interpolation interpolation);

}  // namespace podium::data
