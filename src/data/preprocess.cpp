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

/// Side of the scaled picture of which `side` is cut out.
std::int64_t side_before_crop(std::int64_t side) {
  return std::llround(static_cast<double>(side) * 256.0 / 224.0);
}

/// Scaled so that it just covers what the crop is cut out of.
Picture scale_to_cover(const Picture& picture, const PictureLayout& layout, Interpolation interpolation) {
  const std::int64_t width = side_before_crop(layout.width);
  const std::int64_t height = side_before_crop(layout.height);
  const double by_width = static_cast<double>(width) / static_cast<double>(picture.width);
  const double by_height = static_cast<double>(height) / static_cast<double>(picture.height);
  // The other side is rounded down, as torchvision does.
  if (by_width >= by_height) {
    return resize(picture, width, std::max(layout.height, picture.height * width / picture.width), interpolation);
  }
  return resize(picture, std::max(layout.width, picture.width * height / picture.height), height, interpolation);
}

/// Scaled so that its short side is as long as asked; the other one is rounded down, as torchvision does.
Picture scale_short_side(const Picture& picture, std::int64_t side, Interpolation interpolation) {
  const bool is_tall = picture.height >= picture.width;
  const std::int64_t other = is_tall ? picture.height * side / picture.width : picture.width * side / picture.height;
  return is_tall ? resize(picture, side, other, interpolation) : resize(picture, other, side, interpolation);
}

Picture scale(const Picture& picture, const PictureLayout& layout, const Preprocessing& declared) {
  switch (declared.resize) {
    case Preprocessing::Resize::in_proportion:
      return scale_to_cover(picture, layout, declared.interpolation);
    case Preprocessing::Resize::short_side:
      return scale_short_side(picture, declared.short_side, declared.interpolation);
    case Preprocessing::Resize::exact:
      return resize(picture, declared.exact.second, declared.exact.first, declared.interpolation);
    case Preprocessing::Resize::none:
      return picture;
  }
  return picture;
}

constexpr std::size_t pixel_values = 256;
/// What each value of a pixel becomes, in each channel.
using PixelTable = std::array<std::array<float, pixel_values>, 3>;

PixelTable pixel_table(const Preprocessing& declared) {
  PixelTable table{};
  for (std::size_t channel = 0; channel < table.size(); ++channel) {
    for (std::size_t value = 0; value < pixel_values; ++value) {
      const auto pixel = static_cast<float>(value);
      const float scaled = declared.scale ? pixel * *declared.scale : pixel / 255.0F;
      table[channel][value] = (scaled - declared.mean[channel]) / declared.deviation[channel];
    }
  }
  return table;
}

template <typename Value>
void store(std::byte* target, std::size_t index, Value value) {
  std::memcpy(target + index * sizeof value, &value, sizeof value);
}

using Store = void (*)(std::byte* target, std::size_t index, std::uint8_t pixel, float normalized);

/// How a pixel becomes an element of that type; null for types that no picture is given in.
Store store_for(DataType type) {
  switch (type) {
    case DataType::float32:
      return [](std::byte* target, std::size_t index, std::uint8_t, float value) { store(target, index, value); };
    case DataType::float64:
      return [](std::byte* target, std::size_t index, std::uint8_t, float value) { store(target, index, double{value}); };
    case DataType::float16:
      return [](std::byte* target, std::size_t index, std::uint8_t, float value) { store(target, index, float_to_float16(value)); };
    case DataType::bfloat16:
      return [](std::byte* target, std::size_t index, std::uint8_t, float value) { store(target, index, float_to_bfloat16(value)); };
    case DataType::uint8:
      return [](std::byte* target, std::size_t index, std::uint8_t pixel, float) { store(target, index, pixel); };
    default:
      return nullptr;
  }
}

/// What the declaration says of the input, where the input is otherwise.
std::string contradiction(const PictureLayout& layout, const Preprocessing& declared) {
  if (declared.crop && *declared.crop != Preprocessing::Size{layout.height, layout.width}) {
    return fmt::format("the preprocessing cuts out {}x{} pixels, and it takes {}x{}", declared.crop->first, declared.crop->second,
                       layout.height, layout.width);
  }
  if (layout.type == DataType::uint8 && declared.is_normalized && declared != Preprocessing{})
    return "the preprocessing declares scale, mean or std, and it takes pixels as bytes";
  return {};
}

}  // namespace

Result<PictureLayout> picture_layout(const WantedInput& input, const Preprocessing& declared) {
  const Shape& shape = input.shape;
  const bool channels_first = shape.size() == 4 && shape[1] == picture_channels && !declared.channels_last.value_or(false);
  const bool channels_last = shape.size() == 4 && shape[3] == picture_channels && !channels_first && declared.channels_last.value_or(true);
  const auto refuse = [&input](const std::string& why, const char* remedy) {
    return fail(ErrorCode::wrong_use, fmt::format("the model's input '{}' takes no pictures: {}", printable(input.name), why), remedy);
  };
  const char* arrays = "give its inputs as arrays: --data FILE.npz, with input names as keys";
  if (!channels_first && !channels_last) {
    const char* wanted = !declared.channels_last   ? "neither Nx3xHxW nor NxHxWx3"
                         : *declared.channels_last ? "not the NxHxWx3 declared"
                                                   : "not the Nx3xHxW declared";
    return refuse(fmt::format("its shape is {}, {}", to_string(shape), wanted), arrays);
  }
  if (store_for(input.type) == nullptr) return refuse(fmt::format("its type is {}", to_string(input.type)), arrays);
  const PictureLayout layout{shape[channels_last ? 1 : 2], shape[channels_last ? 2 : 3], channels_last, input.type};
  constexpr std::int64_t largest_side = 4096;
  const auto is_side = [](std::int64_t side) { return side >= 1 && side <= largest_side; };
  if (shape[0] != 1 || !is_side(layout.height) || !is_side(layout.width))
    return refuse(fmt::format("its shape is {}", to_string(shape)), arrays);
  if (const std::string why = contradiction(layout, declared); !why.empty())
    return refuse(why, "correct the preprocessing, or give another with --preprocess FILE");
  return layout;
}

tl::expected<std::vector<std::byte>, std::string> preprocess(const Picture& picture, const PictureLayout& layout,
                                                             const Preprocessing& declared) {
  const Picture scaled = scale(picture, layout, declared);
  if (scaled.height < layout.height || scaled.width < layout.width) {
    return tl::unexpected(fmt::format("it has {}x{} pixels once scaled, and {}x{} are to be cut out", scaled.height, scaled.width,
                                      layout.height, layout.width));
  }
  // Half a pixel is rounded to even, as in Python.
  const auto top = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(scaled.height - layout.height) / 2.0));
  const auto left = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(scaled.width - layout.width) / 2.0));
  const Store store_pixel = store_for(layout.type);
  const PixelTable normalized = pixel_table(declared);
  const auto area = static_cast<std::size_t>(layout.height * layout.width);
  std::vector<std::byte> tensor(area * picture_channels * size_of(layout.type));
  for (std::int64_t y = 0; y < layout.height; ++y) {
    for (std::int64_t x = 0; x < layout.width; ++x) {
      const auto source = static_cast<std::size_t>(((top + y) * scaled.width + left + x) * picture_channels);
      const auto place = static_cast<std::size_t>(y * layout.width + x);
      for (std::size_t channel = 0; channel < picture_channels; ++channel) {
        const std::size_t index = layout.channels_last ? place * picture_channels + channel : channel * area + place;
        const std::uint8_t pixel = scaled.pixels[source + (declared.blue_first ? picture_channels - 1 - channel : channel)];
        store_pixel(tensor.data(), index, pixel, normalized[channel][pixel]);
      }
    }
  }
  return tensor;
}

}  // namespace podium::data
