#pragma once

#include <filesystem>
#include <optional>

#include "core/result.h"
#include "core/unique_fd.h"
#include "podium/cancel.h"

namespace podium::cache {

enum class LockMode { shared, exclusive };

/// An advisory lock on a file (flock), which the kernel gives back however its holder ends. The file may be removed by whoever holds it
/// exclusively.
class FileLock {
 public:
  /// Waits for the lock; ErrorCode::cancelled where `cancel` is requested first.
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& file, LockMode mode, const CancelToken* cancel);
  /// Nothing where somebody else holds it, or where it cannot be opened.
  [[nodiscard]] static std::optional<FileLock> try_exclusive(const std::filesystem::path& file);

  /// Lets others share it. Another holder may come in between, so what was known of the guarded folder has to be looked at again.
  [[nodiscard]] Result<void> downgrade();
  /// Sets the file's time to now: the mark of the last use.
  void touch() const noexcept;

 private:
  FileLock(UniqueFd fd, std::filesystem::path file) : fd_(std::move(fd)), file_(std::move(file)) {}
  [[nodiscard]] bool still_in_place() const noexcept;
  UniqueFd fd_;
  std::filesystem::path file_;
};

}  // namespace podium::cache
