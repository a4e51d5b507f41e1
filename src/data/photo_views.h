#pragma once

#include <filesystem>
#include <vector>

#include "data/input_set.h"

namespace podium::data {

/// More samples than there are photos: of each the whole, its mirror image and its corners, all photos' first views before all their second
/// ones, at most `options.limit`. Views of one photo are much alike: each has the photo's hash as its source, by which they count as one.
[[nodiscard]] Result<InputSet> read_photo_views(const std::vector<std::filesystem::path>& photos, const std::vector<WantedInput>& inputs,
                                                const ReadOptions& options);

}  // namespace podium::data
