#include "data/preprocessing.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::data {

namespace {

using nlohmann::json;

constexpr std::size_t largest_file = std::size_t{1} << 20;
constexpr std::int64_t largest_side = 4096;
constexpr const char* remedy = R"(write it like {"resize": 256, "crop": 224, "scale": 1, "mean": 127, "std": 128, "channels": "RGB"})";

/// Reads one key; an empty text where it could, else what it should be.
using ReadKey = std::string (*)(const json& value, Preprocessing& out);

std::optional<std::int64_t> side_of(const json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  const auto side = value.get<std::int64_t>();
  return side >= 1 && side <= largest_side ? std::optional(side) : std::nullopt;
}

std::optional<Preprocessing::Size> size_of(const json& value) {
  if (const auto side = side_of(value)) return Preprocessing::Size{*side, *side};
  if (!value.is_array() || value.size() != 2) return std::nullopt;
  const auto height = side_of(value[0]);
  const auto width = side_of(value[1]);
  return height && width ? std::optional(Preprocessing::Size{*height, *width}) : std::nullopt;
}

std::optional<float> number_of(const json& value) {
  if (!value.is_number()) return std::nullopt;
  const auto number = static_cast<float>(value.get<double>());
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string read_channels(const json& value, std::array<float, 3>& out) {
  const char* expected = "a number, or three";
  if (value.is_array() && value.size() != out.size()) return expected;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto number = number_of(value.is_array() ? value[i] : value);
    if (!number) return expected;
    out[i] = *number;
  }
  return {};
}

std::string read_resize(const json& value, Preprocessing& out) {
  const auto size = size_of(value);
  if (value.is_null()) {
    out.resize = Preprocessing::Resize::none;
  } else if (size && value.is_array()) {
    out.resize = Preprocessing::Resize::exact;
    out.exact = *size;
  } else if (size) {
    out.resize = Preprocessing::Resize::short_side;
    out.short_side = size->first;
  } else {
    return fmt::format("a size from 1 to {}, [height, width] or null", largest_side);
  }
  return {};
}

std::string read_crop(const json& value, Preprocessing& out) {
  out.crop = size_of(value);
  return out.crop ? "" : fmt::format("a size from 1 to {}, or [height, width]", largest_side);
}

std::string read_scale(const json& value, Preprocessing& out) {
  out.scale = number_of(value);
  return out.scale && *out.scale != 0.0F ? "" : "a number other than 0";
}

std::string read_deviation(const json& value, Preprocessing& out) {
  std::string fault = read_channels(value, out.deviation);
  for (const float deviation : out.deviation) {
    if (!(deviation > 0.0F)) return "above 0";
  }
  return fault;
}

std::string read_order(const json& value, Preprocessing& out) {
  out.blue_first = value == "BGR";
  return value == "RGB" || value == "BGR" ? "" : R"("RGB" or "BGR")";
}

std::string read_interpolation(const json& value, Preprocessing& out) {
  out.interpolation = value == "bicubic" ? Interpolation::bicubic : Interpolation::bilinear;
  return value == "bilinear" || value == "bicubic" ? "" : R"("bilinear" or "bicubic")";
}

std::string read_layout(const json& value, Preprocessing& out) {
  out.channels_last = value == "NHWC";
  return value == "NCHW" || value == "NHWC" ? "" : R"("NCHW" or "NHWC")";
}

struct Key {
  std::string_view name;
  ReadKey read;
};

constexpr Key keys[] = {
    {"resize", read_resize}, {"crop", read_crop},
    {"scale", read_scale},   {"mean", [](const json& value, Preprocessing& out) { return read_channels(value, out.mean); }},
    {"std", read_deviation}, {"channels", read_order},
    {"layout", read_layout}, {"interpolation", read_interpolation},
};

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  for (const Key& key : keys) names.emplace_back(key.name);
  return names;
}

}  // namespace

Result<Preprocessing> parse_preprocessing(std::string_view text, const std::string& where) {
  const Result<json> object = parse_json(text, where);
  if (!object) return fail(object.error().code, object.error().message, remedy);
  if (!object->is_object()) return fail(ErrorCode::bad_input, fmt::format("{} is not a JSON object", where), remedy);
  Preprocessing declared;
  declared.is_normalized = object->contains("scale") || object->contains("mean") || object->contains("std");
  declared.mean = {0.0F, 0.0F, 0.0F};
  declared.deviation = {1.0F, 1.0F, 1.0F};
  for (const auto& [name, value] : object->items()) {
    const Key* known = nullptr;
    for (const Key& key : keys) known = key.name == name ? &key : known;
    if (known == nullptr) {
      return fail(ErrorCode::bad_input, fmt::format("{}: '{}' is not known{}", where, printable(name), did_you_mean(name, key_names())),
                  remedy);
    }
    if (const std::string expected = known->read(value, declared); !expected.empty())
      return fail(ErrorCode::bad_input, fmt::format("{}: '{}' must be {}", where, name, expected), remedy);
  }
  for (const float mean : declared.mean) {
    if (!declared.scale && std::abs(mean) > 1.0F) {
      return fail(ErrorCode::bad_input,
                  fmt::format("{}: a mean of {} is beyond pixels of 0 … 1, which is their scale where none is given", where, mean),
                  R"(Say "scale": 1 where the mean is one of pixels of 0 … 255.)");
    }
  }
  return declared;
}

Result<Preprocessing> read_preprocessing(const std::filesystem::path& file) {
  const Result<std::string> text = read_text_file(file, largest_file);
  if (!text) return tl::unexpected(text.error());
  return parse_preprocessing(*text, fmt::format("'{}'", printable(file.string())));
}

}  // namespace podium::data
