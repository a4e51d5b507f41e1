#pragma once

#include <optional>

#include "core/device.h"
#include "machine/gpu_watch.h"
#include "podium/results.h"

namespace podium::api {

/// Writes the GPUs and their driver into the environment; returns the one that `device` names. Nothing where it is the CPU, or where the
/// driver's management library does not answer: that only leaves figures out, since an engine's own probe says whether it runs there.
[[nodiscard]] std::optional<machine::GpuWatch> look_at_gpus(const Device& device, Environment& environment);

}  // namespace podium::api
