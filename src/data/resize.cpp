#include "data/resize.h"

// stb_image_resize (Debian's libstb-dev) is a header that holds its own code.
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#if __has_include(<stb/stb_image_resize.h>)
#include <stb/stb_image_resize.h>
#elif __has_include(<stb/deprecated/stb_image_resize.h>)
#include <stb/deprecated/stb_image_resize.h>
#else
#error "stb_image_resize.h is not there: install libstb-dev"
#endif

#include <new>

namespace podium::data {

Picture resize(const Picture& picture, std::int64_t width, std::int64_t height, Interpolation interpolation) {
  const stbir_filter filter = interpolation == Interpolation::bicubic ? STBIR_FILTER_CATMULLROM : STBIR_FILTER_TRIANGLE;
  Picture scaled{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * picture_channels))};
  const int done = stbir_resize_uint8_generic(picture.pixels.data(), static_cast<int>(picture.width), static_cast<int>(picture.height), 0,
                                              scaled.pixels.data(), static_cast<int>(width), static_cast<int>(height), 0, picture_channels,
                                              STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP, filter, STBIR_COLORSPACE_LINEAR, nullptr);
  if (done == 0) throw std::bad_alloc();  // its only failure
  return scaled;
}

}  // namespace podium::data
