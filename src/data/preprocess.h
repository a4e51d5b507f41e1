#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"
#include "data/picture.h"

namespace podium::data {

/// How a model's input takes a picture.
struct PictureLayout {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool channels_last = false;
  DataType type = DataType::float32;
};

/// An error that says why where the input is no 1x3xHxW or 1xHxWx3 of a type that pictures can be given in, or not what was declared.
[[nodiscard]] Result<PictureLayout> picture_layout(const WantedInput& input, const Preprocessing& declared = {});

/// Scales, cuts the middle out and normalizes as declared. A model that takes bytes gets the pixels as they are. The error is the reason
/// alone: the scaled picture is smaller than what is to be cut out of it.
[[nodiscard]] tl::expected<std::vector<std::byte>, std::string> preprocess(const Picture& picture, const PictureLayout& layout,
                                                                           const Preprocessing& declared = {});

}  // namespace podium::data
