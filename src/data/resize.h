#pragma once

#include <cstdint>

#include "data/picture.h"

namespace podium::data {

/// Scales with a triangle filter that widens when it shrinks a picture (anti-aliasing), like Pillow's BILINEAR.
[[nodiscard]] Picture resize(const Picture& picture, std::int64_t width, std::int64_t height);

}  // namespace podium::data
