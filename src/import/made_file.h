#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cache/cache.h"
#include "core/result.h"
#include "import/import.h"

namespace podium::import {

/// A model file to be made and kept in the cache.
struct FileToMake {
  std::string kind;                    ///< of the cache entry: "onnx", "aoti"
  std::vector<std::string> key_parts;  ///< everything it depends on
  std::string name;                    ///< of the file inside the entry
  std::function<Result<void>(const std::filesystem::path& folder)> make;
};

/// The file, found or made. Its hash, its size and what making it took are kept beside it.
[[nodiscard]] Result<Variant> make_or_find(cache::Cache& cache, const FileToMake& file, const CancelToken& cancel);

/// Size of a file, or of everything in a folder; 0 where it cannot be had.
[[nodiscard]] std::int64_t bytes_of(const std::filesystem::path& path);
/// A file that is there already.
[[nodiscard]] Result<Variant> existing_file(const std::filesystem::path& file, const std::string& sha256);

}  // namespace podium::import
