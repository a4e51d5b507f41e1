#pragma once

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "cache/cache.h"

namespace podium::cache {

constexpr std::int64_t no_limit = std::int64_t{1} << 40;

/// A maker that writes `bytes` bytes into one file.
inline auto writes(std::size_t bytes, char what = 'x') {
  return [bytes, what](const std::filesystem::path& folder) -> Result<void> {
    std::ofstream(folder / "file") << std::string(bytes, what);
    return {};
  };
}

inline Result<void> must_not_be_called(const std::filesystem::path&) {
  ADD_FAILURE() << "the entry should have been there";
  return {};
}

/// Everything below a folder but lock files and folders of kinds.
inline std::vector<std::string> things_in(const std::filesystem::path& root) {
  std::vector<std::string> things;
  for (const auto& item : std::filesystem::recursive_directory_iterator(root)) {
    if (item.path().extension() != ".lock" && item.path().parent_path() != root) things.push_back(item.path().lexically_relative(root));
  }
  return things;
}

}  // namespace podium::cache
