#include "convert/quantize/scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "onnx/shown_name.h"

namespace podium::convert {
namespace {

constexpr std::int64_t levels = 255;  // steps between the 256 numbers of 8 bits

Affine symmetric_scale(float low, float high, bool is_signed) {
  const float reach = std::max(-low, high);
  return {reach / 127.0F, is_signed ? 0 : 128};
}

Affine asymmetric_scale(float low, float high, bool is_signed) {
  // In double: high - low may pass the range of float.
  const double scale = (static_cast<double>(high) - static_cast<double>(low)) / static_cast<double>(levels);
  const std::int64_t smallest = is_signed ? -128 : 0;
  const auto zero_point = smallest + static_cast<std::int64_t>(std::nearbyint(-static_cast<double>(low) / std::max(scale, 1e-300)));
  return {static_cast<float>(scale), std::clamp(zero_point, smallest, smallest + levels)};
}

template <typename Visit>
void for_each_element(const ChannelLayout& layout, Visit&& visit) {
  std::size_t at = 0;
  for (std::int64_t outer = 0; outer < layout.outer; ++outer) {
    for (std::int64_t channel = 0; channel < layout.channels; ++channel) {
      for (std::int64_t inner = 0; inner < layout.inner; ++inner) visit(at++, static_cast<std::size_t>(channel));
    }
  }
}

}  // namespace

Result<Affine> activation_scale(const std::string& value, Range range, const QuantizationProfile& profile) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || range.low > range.high) {
    return fail(ErrorCode::bad_input,
                fmt::format("the range of '{}' is [{}, {}], which int8 cannot span", onnx::shown_name(value), range.low, range.high),
                "--exclude the node that makes it, or calibrate on other inputs");
  }
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  const bool is_signed = profile.activation_type == DataType::int8;
  if (low == high) return Affine{1.0F, profile.symmetric_activations && !is_signed ? 128 : 0};
  Affine affine = profile.symmetric_activations ? symmetric_scale(low, high, is_signed) : asymmetric_scale(low, high, is_signed);
  affine.scale = std::max(affine.scale, smallest_scale);
  return affine;
}

std::int64_t largest_weight(const QuantizationProfile& profile) noexcept {
  return profile.reduced_range_weights ? 64 : 127;
}

ChannelLayout channel_layout(const Shape& shape, int axis) {
  ChannelLayout layout;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (axis >= 0 && i < static_cast<std::size_t>(axis)) layout.outer *= shape[i];
    if (axis >= 0 && i == static_cast<std::size_t>(axis)) layout.channels = shape[i];
    if (axis < 0 || i > static_cast<std::size_t>(axis)) layout.inner *= shape[i];
  }
  return layout;
}

std::vector<float> weight_scales(std::span<const float> values, const ChannelLayout& layout, std::int64_t largest) {
  std::vector<float> reach(static_cast<std::size_t>(layout.channels), 0.0F);
  for_each_element(layout, [&](std::size_t at, std::size_t channel) { reach[channel] = std::max(reach[channel], std::abs(values[at])); });
  for (float& scale : reach) scale = std::max(scale / static_cast<float>(largest), smallest_scale);
  return reach;
}

std::vector<std::int64_t> quantize_weights(std::span<const float> values, const ChannelLayout& layout, std::span<const float> scales,
                                           std::int64_t largest) {
  std::vector<std::int64_t> quantized(values.size());
  const auto limit = static_cast<float>(largest);
  for_each_element(layout, [&](std::size_t at, std::size_t channel) {
    quantized[at] = static_cast<std::int64_t>(std::nearbyint(std::clamp(values[at] / scales[channel], -limit, limit)));
  });
  return quantized;
}

}  // namespace podium::convert
