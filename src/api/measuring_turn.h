#pragma once

#include <string>
#include <vector>

#include "core/device.h"
#include "core/result.h"
#include "machine/measuring_lock.h"
#include "podium/bench.h"
#include "podium/cancel.h"

namespace podium::api {

/// The device for this run alone, until the lock is let go: whoever measures there would see what this run computes. Waits for another
/// run and tells the observer whose it is; under `no_wait` it is refused (unavailable).
[[nodiscard]] Result<machine::MeasuringLock> take_turn(const Device& device, const std::vector<std::string>& command, bool no_wait,
                                                       BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium::api
