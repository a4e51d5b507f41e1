#pragma once

#include "podium/cancel.h"

namespace cli {

/// While it lives, Ctrl-C (or SIGTERM, or a terminal that closes) asks the run to stop; a second one ends the program at once.
class InterruptGuard {
 public:
  explicit InterruptGuard(const podium::CancelToken& token);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

}  // namespace cli
