#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "podium/cancel.h"

namespace podium::convert {

/// How a long conversion is watched and stopped.
struct Progress {
  std::function<void(const std::string& what, std::int64_t done, std::int64_t all)> on_step = [](const auto&, auto, auto) {};
  const CancelToken* cancel = nullptr;
  [[nodiscard]] bool is_cancelled() const { return cancel != nullptr && cancel->requested(); }
  /// Stopped alike, but showing nothing: for steps inside of steps.
  [[nodiscard]] Progress unseen() const { return {[](const auto&, auto, auto) {}, cancel}; }
};

}  // namespace podium::convert
