#pragma once

#include <cstddef>
#include <span>

#include "backends/api/backend.h"

namespace podium::backend {

/// A session that also takes inputs where its device has them, so that nothing crosses to the host and back. Engines on the CPU have no
/// such memory, so this is no part of Session: who may need it asks a session by dynamic_cast. Loaded for the boundary `host`.
class DeviceSession : public Session {
 public:
  /// Runs once, as run() does, on inputs in the memory of LoadRequest::device; what writes to them must have ended. The outputs lie there
  /// too, from synchronize() until the next run.
  [[nodiscard]] virtual Result<std::span<const TensorView>> run_on_device(std::span<const TensorView> inputs) = 0;
  /// Copies between two places in the host's memory or the device's, and returns when the bytes are there.
  [[nodiscard]] virtual Result<void> copy(std::byte* to, const std::byte* from, std::size_t bytes) = 0;
};

}  // namespace podium::backend
