#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "core/result.h"
#include "podium/types.h"

namespace podium::accuracy {

/// Writes a NumPy array file of float32 (format version 1.0); `values` has as many elements as `shape`.
[[nodiscard]] Result<void> write_npy(const std::filesystem::path& file, const Shape& shape, std::span<const float> values);

}  // namespace podium::accuracy
