#pragma once

#include "data/input_set.h"

namespace podium::data {

/// A folder of pictures, for a model with one image input.
[[nodiscard]] Result<InputSet> read_picture_folder(const std::filesystem::path& folder, const std::vector<WantedInput>& inputs,
                                                   std::size_t limit);

}  // namespace podium::data
