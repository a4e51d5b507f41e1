#include "data/picture.h"

#include <fmt/format.h>
#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "core/files.h"
#include "core/text.h"

namespace podium::data {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t largest_file = std::size_t{256} << 20;
constexpr std::int64_t most_pixels = 200'000'000;  // a small file can claim any size
constexpr std::int64_t longest_ratio = 20;         // of the sides: scaling the short one up makes the long one grow with it

/// Why no memory should be given to a picture of that size; empty where nothing speaks against it.
std::string size_fault(std::int64_t width, std::int64_t height) {
  const bool good =
      width >= 1 && height >= 1 && width * height <= most_pixels && std::max(width, height) / std::min(width, height) <= longest_ratio;
  return good ? "" : fmt::format("it has {}x{} pixels, which is too large or too narrow", width, height);
}

using Decoded = tl::expected<Picture, std::string>;  // the error is the reason alone

tl::unexpected<std::string> refuse(std::string reason) {
  return tl::unexpected(std::move(reason));
}

std::size_t bytes_of(std::int64_t width, std::int64_t height, int channels) {
  return static_cast<std::size_t>(width * height * channels);
}

struct JpegDeleter {
  void operator()(void* decoder) const noexcept { tjDestroy(decoder); }
};

/// Printing inks to light. Such files hold the inks inverted, as Adobe writes them.
void cmyk_to_rgb(const std::vector<std::uint8_t>& inks, std::vector<std::uint8_t>& pixels) {
  for (std::size_t i = 0; i < inks.size() / 4; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      pixels[3 * i + channel] = static_cast<std::uint8_t>(inks[4 * i + channel] * inks[4 * i + 3] / 255);
    }
  }
}

Decoded decode_jpeg(std::string_view bytes) {
  const std::unique_ptr<void, JpegDeleter> decoder(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (!decoder || tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling, &colours) != 0) {
    return refuse(tjGetErrorStr2(decoder.get()));
  }
  if (std::string fault = size_fault(width, height); !fault.empty()) return refuse(std::move(fault));
  const bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
  Picture picture{width, height, std::vector<std::uint8_t>(bytes_of(width, height, 3))};
  std::vector<std::uint8_t> ink_pixels(inks ? bytes_of(width, height, 4) : 0);
  const int status = tjDecompress2(decoder.get(), data, bytes.size(), inks ? ink_pixels.data() : picture.pixels.data(), width, 0, height,
                                   inks ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT);
  const std::string_view reason = status != 0 ? tjGetErrorStr2(decoder.get()) : "";
  // A few stray bytes between segments, which cameras write, lose nothing of the picture.
  if (status != 0 && reason.find("extraneous bytes") == std::string_view::npos) return refuse(std::string(reason));
  if (inks) cmyk_to_rgb(ink_pixels, picture.pixels);
  return picture;
}

/// Frees what libpng holds, however the decoding ends.
struct PngImage {
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  png_image image{};
};

Decoded decode_png(std::string_view bytes) {
  PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) return refuse(png.image.message);
  const std::int64_t width = png.image.width;
  const std::int64_t height = png.image.height;
  if (std::string fault = size_fault(width, height); !fault.empty()) return refuse(std::move(fault));
  png.image.format = PNG_FORMAT_RGBA;
  std::vector<std::uint8_t> with_alpha(bytes_of(width, height, 4));
  if (png_image_finish_read(&png.image, nullptr, with_alpha.data(), 0, nullptr) == 0) return refuse(png.image.message);
  Picture picture{width, height, std::vector<std::uint8_t>(bytes_of(width, height, 3))};
  for (std::size_t i = 0; i < with_alpha.size() / 4; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) picture.pixels[3 * i + channel] = with_alpha[4 * i + channel];
  }
  return picture;
}

Decoded decode(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return decode_jpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return decode_png(bytes);
  return refuse(bytes.empty() ? "it is empty" : "it is neither JPEG nor PNG");
}

}  // namespace

Result<Picture> read_picture(const std::filesystem::path& file) {
  const Result<std::string> bytes = read_text_file(file, largest_file);
  if (!bytes) return tl::unexpected(bytes.error());
  Decoded picture = decode(*bytes);
  if (picture) return std::move(*picture);
  return fail(ErrorCode::bad_input, fmt::format("cannot read the picture '{}': {}", printable(file.string()), printable(picture.error())),
              "replace it by a whole JPEG or PNG file, or take it out of the folder");
}

}  // namespace podium::data
