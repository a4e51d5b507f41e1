#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"
#include "data/resize.h"

namespace podium::data {

/// How a picture becomes a model's input: scaled, a part of its middle cut out, pixels (0 … 255) multiplied by `scale`, `mean` taken away
/// and divided by `deviation`. Without a declaration it is what image models are commonly trained with: scaled so that 224 pixels are
/// cut out of 256 (other sizes in proportion), pixels divided by 255, ImageNet's mean and deviation.
struct Preprocessing {
  enum class Resize { in_proportion, short_side, exact, none };
  using Size = std::pair<std::int64_t, std::int64_t>;  ///< height and width

  Resize resize = Resize::in_proportion;
  std::int64_t short_side = 0;
  Size exact{0, 0};
  Interpolation interpolation = Interpolation::bilinear;
  std::optional<Size> crop;                           ///< must be the input's; for declarations that name it
  std::optional<float> scale;                         ///< 1/255 where it is not given
  std::array<float, 3> mean{0.485F, 0.456F, 0.406F};  ///< in the channels' order
  std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};
  bool is_normalized = true;  ///< false: neither scale, mean nor deviation were declared, so that an input of bytes gets pixels
  bool blue_first = false;
  std::optional<bool> channels_last;  ///< of the input; told by its shape where not given

  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

/// Reads a declaration: a JSON object. `where` names it in errors.
///   "resize"    256: the short side; [256, 320]: height and width; null: as it is
///   "interpolation"  "bilinear" (the default) or "bicubic"
///   "crop"      224 or [224, 224], out of the middle: the model's input
///   "scale"     1 for (x-127)/128; 1/255 where it is left out
///   "mean"      a number, or one for each channel; 0 where it is left out
///   "std"       likewise; 1
///   "channels"  "RGB" or "BGR"
///   "layout"    "NCHW" or "NHWC"
/// An unknown key is an error: a misspelt one would go unnoticed, and cost accuracy.
[[nodiscard]] Result<Preprocessing> parse_preprocessing(std::string_view json, const std::string& where);
[[nodiscard]] Result<Preprocessing> read_preprocessing(const std::filesystem::path& file);

/// Key of the ONNX metadata_props entry that holds such a declaration.
inline constexpr std::string_view preprocessing_metadata_key = "podium.preprocess";
/// Name of the file beside pictures that holds one.
inline constexpr std::string_view preprocessing_file_name = "preprocess.json";

}  // namespace podium::data
