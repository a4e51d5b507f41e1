#pragma once

#include "data/input_set.h"

namespace podium::data {

/// A folder of pictures, for a model with one image input, and their labels where there are any.
[[nodiscard]] Result<InputSet> read_picture_folder(const std::filesystem::path& folder, const std::vector<WantedInput>& inputs,
                                                   const ReadOptions& options);

}  // namespace podium::data
