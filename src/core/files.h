#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace podium {

/// Whole content of a file of at most `limit` bytes.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& file, std::size_t limit = std::size_t{1} << 30);
/// Temporary file beside `file`, sync, rename, sync of the folder: a reader sees the old content or the new, never half.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& file, std::string_view content);

}  // namespace podium
