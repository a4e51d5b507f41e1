#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "convert/calibration/calibration.h"
#include "core/quantization_profile.h"
#include "core/result.h"
#include "podium/types.h"

/// real = (integer - zero_point) × scale, as ONNX has it (Jacob et al. 2018, section 2.1).
namespace podium::convert {

struct Affine {
  float scale = 1.0F;
  std::int64_t zero_point = 0;
};

/// Scales are no smaller, so that a product of two of them is a normal number.
inline constexpr float smallest_scale = 1e-18F;

/// The range is widened to hold 0, which stays exact. A range of nothing but 0 gets a scale of 1. An error names a value whose range is
/// not finite, or upside down.
[[nodiscard]] Result<Affine> activation_scale(const std::string& value, Range range, const QuantizationProfile& profile);

/// The largest magnitude of a weight: 127, or 64 where pairs of products with 8-bit activations must fit 16 bits.
[[nodiscard]] std::int64_t largest_weight(const QuantizationProfile& profile) noexcept;

/// Where the channels of a tensor lie: element (outer, channel, inner) stands at (outer × channels + channel) × inner_size + inner.
struct ChannelLayout {
  std::int64_t outer = 1;
  std::int64_t channels = 1;
  std::int64_t inner = 1;
};
/// Along `axis`; all in one channel where it is -1.
[[nodiscard]] ChannelLayout channel_layout(const Shape& shape, int axis);
/// One for each channel: its largest magnitude over `largest`. A channel of zeros has the smallest scale.
[[nodiscard]] std::vector<float> weight_scales(std::span<const float> values, const ChannelLayout& layout, std::int64_t largest);
/// Rounded to nearest, ties to even, and clamped to ±largest.
[[nodiscard]] std::vector<std::int64_t> quantize_weights(std::span<const float> values, const ChannelLayout& layout,
                                                         std::span<const float> scales, std::int64_t largest);

}  // namespace podium::convert
