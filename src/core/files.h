#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace podium {

/// Whole content of a file of at most `limit` bytes.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& file, std::size_t limit = std::size_t{1} << 30);
/// Temporary file beside `file`, sync, rename, sync of the folder: a reader sees the old content or the new, never half.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& file, std::string_view content);
/// Takes the next bytes of a file.
using ByteSink = std::function<Result<void>(std::string_view)>;
/// The same for content too large to lie in memory at once: `produce` hands it over piece by piece. An error of it leaves the old file.
[[nodiscard]] Result<void> stream_file_atomically(const std::filesystem::path& file,
                                                  const std::function<Result<void>(const ByteSink&)>& produce);

}  // namespace podium
