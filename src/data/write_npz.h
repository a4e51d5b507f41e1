#pragma once

#include <filesystem>

#include "core/result.h"
#include "data/input_set.h"

namespace podium::data {

/// Writes samples as numpy.savez does: an array for each input, under its name, with the samples along axis 0. Inputs are of types that
/// NumPy has.
[[nodiscard]] Result<void> write_npz(const std::filesystem::path& file, const InputSet& set);

}  // namespace podium::data
