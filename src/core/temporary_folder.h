#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "core/result.h"

namespace podium {

/// A folder that is gone when this is.
class TemporaryFolder {
 public:
  /// Inside `parent`, or among the system's temporary files where that is empty.
  [[nodiscard]] static Result<TemporaryFolder> create(const std::filesystem::path& parent, const std::string& prefix);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace podium
