#pragma once

#include "data/input_set.h"

namespace podium::data {

/// A .npz file, whose keys are names of inputs. Keys that are none (labels, perhaps) are left alone.
[[nodiscard]] Result<std::vector<Sample>> read_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs,
                                                   std::size_t limit);

}  // namespace podium::data
