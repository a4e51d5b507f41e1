#pragma once

#include <cstddef>
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

/// An error that says why where the input is no 1x3xHxW or 1xHxWx3 of a type that pictures can be given in.
[[nodiscard]] Result<PictureLayout> picture_layout(const WantedInput& input);

/// As image models are commonly trained and tested: scaled so that 224 pixels are cut out of the middle of 256 (other sizes in proportion),
/// then values 0 … 1 less ImageNet's mean, divided by its standard deviation. A model that takes bytes gets the pixels as they are.
[[nodiscard]] std::vector<std::byte> preprocess(const Picture& picture, const PictureLayout& layout);

}  // namespace podium::data
