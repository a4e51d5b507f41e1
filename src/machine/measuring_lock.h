#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "podium/cancel.h"

namespace podium::machine {

/// Where the locks of all users are: PODIUM_LOCK_DIR, else /run/lock, else the folder for temporary files.
[[nodiscard]] std::filesystem::path lock_folder();

struct LockRequest {
  std::filesystem::path folder = lock_folder();
  std::string device = "cpu";        ///< as the user calls it
  std::vector<std::string> command;  ///< told to whoever waits
  bool no_wait = false;              ///< refuse (unavailable) rather than wait
  std::string identity{};            ///< what the lock is of, where `device` may be another's name for another device; empty: `device`
};

/// Held while measuring: two runs on one device would measure each other. The kernel releases it however the holder ends.
class MeasuringLock {
 public:
  /// Waits for the run that holds the lock; `on_wait` is told once for each holder whose it is. A request to cancel ends the waiting.
  [[nodiscard]] static Result<MeasuringLock> acquire(const LockRequest& request, const CancelToken& cancel,
                                                     const std::function<void(const std::string& owner)>& on_wait = {});
  MeasuringLock(MeasuringLock&&) noexcept = default;
  MeasuringLock& operator=(MeasuringLock&&) noexcept = default;

 private:
  explicit MeasuringLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

}  // namespace podium::machine
