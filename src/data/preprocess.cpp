#include "data/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/numbers.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "data/resize.h"

namespace podium::data {

namespace {

constexpr std::array<float, 3> imagenet_mean{0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> imagenet_deviation{0.229F, 0.224F, 0.225F};

/// Side of the scaled picture of which `side` is cut out.
std::int64_t side_before_crop(std::int64_t side) {
  return std::llround(static_cast<double>(side) * 256.0 / 224.0);
}

/// Scaled so that it just covers what the crop is cut out of.
Picture scale_to_cover(const Picture& picture, const PictureLayout& layout) {
  const std::int64_t width = side_before_crop(layout.width);
  const std::int64_t height = side_before_crop(layout.height);
  const double by_width = static_cast<double>(width) / static_cast<double>(picture.width);
  const double by_height = static_cast<double>(height) / static_cast<double>(picture.height);
  // The other side is rounded down, as torchvision does.
  if (by_width >= by_height) {
    return resize(picture, width, std::max(layout.height, picture.height * width / picture.width));
  }
  return resize(picture, std::max(layout.width, picture.width * height / picture.height), height);
}

float normalized(std::uint8_t pixel, std::size_t channel) {
  return (static_cast<float>(pixel) / 255.0F - imagenet_mean[channel]) / imagenet_deviation[channel];
}

template <typename Value>
void store(std::byte* target, std::size_t index, Value value) {
  std::memcpy(target + index * sizeof value, &value, sizeof value);
}

using Store = void (*)(std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t channel);

/// How a pixel becomes an element of that type; null for types that no picture is given in.
Store store_for(DataType type) {
  switch (type) {
    case DataType::float32:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t channel) {
        store(target, index, normalized(pixel, channel));
      };
    case DataType::float64:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t channel) {
        store(target, index, double{normalized(pixel, channel)});
      };
    case DataType::float16:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t channel) {
        store(target, index, float_to_float16(normalized(pixel, channel)));
      };
    case DataType::bfloat16:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t channel) {
        store(target, index, float_to_bfloat16(normalized(pixel, channel)));
      };
    case DataType::uint8:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, std::size_t) { store(target, index, pixel); };
    default:
      return nullptr;
  }
}

}  // namespace

Result<PictureLayout> picture_layout(const WantedInput& input) {
  const Shape& shape = input.shape;
  const bool channels_first = shape.size() == 4 && shape[1] == picture_channels;
  const bool channels_last = shape.size() == 4 && shape[3] == picture_channels && !channels_first;
  const auto refuse = [&input](const std::string& why) {
    return fail(ErrorCode::wrong_use, fmt::format("the model's input '{}' takes no pictures: {}", printable(input.name), why),
                "Give its inputs as arrays: --data FILE.npz, with input names as keys.");
  };
  if (!channels_first && !channels_last) return refuse(fmt::format("its shape is {}, neither Nx3xHxW nor NxHxWx3", to_string(shape)));
  if (store_for(input.type) == nullptr) return refuse(fmt::format("its type is {}", to_string(input.type)));
  const PictureLayout layout{shape[channels_last ? 1 : 2], shape[channels_last ? 2 : 3], channels_last, input.type};
  constexpr std::int64_t largest_side = 4096;
  const auto is_side = [](std::int64_t side) { return side >= 1 && side <= largest_side; };
  if (shape[0] != 1 || !is_side(layout.height) || !is_side(layout.width)) return refuse(fmt::format("its shape is {}", to_string(shape)));
  return layout;
}

std::vector<std::byte> preprocess(const Picture& picture, const PictureLayout& layout) {
  const Picture scaled = scale_to_cover(picture, layout);
  // Half a pixel is rounded to even, as in Python.
  const auto top = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(scaled.height - layout.height) / 2.0));
  const auto left = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(scaled.width - layout.width) / 2.0));
  const Store store_pixel = store_for(layout.type);
  const auto area = static_cast<std::size_t>(layout.height * layout.width);
  std::vector<std::byte> tensor(area * picture_channels * size_of(layout.type));
  for (std::int64_t y = 0; y < layout.height; ++y) {
    for (std::int64_t x = 0; x < layout.width; ++x) {
      const auto source = static_cast<std::size_t>(((top + y) * scaled.width + left + x) * picture_channels);
      const auto place = static_cast<std::size_t>(y * layout.width + x);
      for (std::size_t channel = 0; channel < picture_channels; ++channel) {
        const std::size_t index = layout.channels_last ? place * picture_channels + channel : channel * area + place;
        store_pixel(tensor.data(), index, scaled.pixels[source + channel], channel);
      }
    }
  }
  return tensor;
}

}  // namespace podium::data
