#include "data/photo_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/sha256.h"
#include "core/text.h"
#include "data/picture.h"
#include "data/preprocess.h"

namespace podium::data {
namespace {

/// Of each side of a photo, what a corner holds.
constexpr double share_of_a_corner = 0.7;

Picture whole(const Picture& photo) {
  return photo;
}

Picture mirrored(const Picture& photo) {
  Picture view = photo;
  const auto pixels_a_row = static_cast<std::size_t>(photo.width);
  for (std::size_t place = 0; place < view.pixels.size(); ++place) {
    const std::size_t pixel = place / picture_channels;
    const std::size_t column = pixel % pixels_a_row;
    const std::size_t opposite = pixel - column + (pixels_a_row - 1 - column);
    view.pixels[place] = photo.pixels[opposite * picture_channels + place % picture_channels];
  }
  return view;
}

Picture corner(const Picture& photo, bool is_right, bool is_lower) {
  const auto part = [](std::int64_t side) {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(share_of_a_corner * static_cast<double>(side)));
  };
  Picture view{part(photo.width), part(photo.height), {}};
  const std::int64_t left = is_right ? photo.width - view.width : 0;
  const std::int64_t top = is_lower ? photo.height - view.height : 0;
  view.pixels.reserve(static_cast<std::size_t>(view.width * view.height * picture_channels));
  for (std::int64_t y = 0; y < view.height; ++y) {
    const auto row = photo.pixels.begin() + ((top + y) * photo.width + left) * picture_channels;
    std::copy(row, row + view.width * picture_channels, std::back_inserter(view.pixels));
  }
  return view;
}

struct View {
  const char* name;
  Picture (*take)(const Picture& photo);
};

constexpr View views[] = {
    {"whole", whole},
    {"mirrored", mirrored},
    {"upper left", [](const Picture& photo) { return corner(photo, false, false); }},
    {"lower right", [](const Picture& photo) { return corner(photo, true, true); }},
    {"upper right", [](const Picture& photo) { return corner(photo, true, false); }},
    {"lower left", [](const Picture& photo) { return corner(photo, false, true); }},
};

struct Photo {
  std::string name;
  std::string sha256;
  Picture picture;
};

Result<std::vector<Photo>> read_photos(const std::vector<std::filesystem::path>& files) {
  std::vector<Photo> photos;
  for (const std::filesystem::path& file : files) {
    auto picture = read_picture(file);
    if (!picture) return tl::unexpected(picture.error());
    auto hash = sha256_of_path(file);
    if (!hash) return tl::unexpected(hash.error());
    photos.push_back({printable(file.filename().string()), std::move(*hash), std::move(*picture)});
  }
  return photos;
}

}  // namespace

Result<InputSet> read_photo_views(const std::vector<std::filesystem::path>& photos, const std::vector<WantedInput>& inputs,
                                  const ReadOptions& options) {
  if (inputs.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the model has {} inputs, and photos serve one", inputs.size()),
                "give its inputs as arrays: --data FILE.npz, with input names as keys");
  }
  const Preprocessing declared = options.preprocessing.value_or(options.of_the_model.value_or(Preprocessing{}));
  const auto layout = picture_layout(inputs.front(), declared);
  if (!layout) return tl::unexpected(layout.error());
  const auto read = read_photos(photos);
  if (!read) return tl::unexpected(read.error());
  InputSet set{inputs, {}, {}, true};
  set.available = read->size() * std::size(views);
  const std::size_t count = std::min(options.limit, set.available);
  while (set.samples.size() < count) {
    const View& view = views[set.samples.size() / read->size()];
    const Photo& photo = (*read)[set.samples.size() % read->size()];
    auto tensor = preprocess(view.take(photo.picture), *layout, declared);
    if (!tensor) {
      return fail(ErrorCode::bad_input, fmt::format("cannot use the photo '{}': {}", photo.name, tensor.error()),
                  "declare a larger \"resize\" in the preprocessing, or give inputs of your own with --data");
    }
    set.samples.push_back(Sample{std::move(*tensor)});
    set.sources.push_back({fmt::format("{} ({})", photo.name, view.name), photo.sha256});
    if (options.on_progress && !options.on_progress(set.samples.size(), count))
      return fail(ErrorCode::cancelled, "stopped while photos were read");
  }
  set.description = fmt::format("{} views of {} photos", set.samples.size(), std::min(read->size(), set.samples.size()));
  return set;
}

}  // namespace podium::data
