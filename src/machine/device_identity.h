#pragma once

#include <string>

#include "core/device.h"
#include "machine/nvml.h"

namespace podium::machine {

/// What a device is, by whatever number this process knows it: a GPU's UUID, since CUDA_VISIBLE_DEVICES numbers GPUs anew for each process.
/// Where the driver's library does not answer, its place on the bus ("cuda:1") or what CUDA_VISIBLE_DEVICES calls it. "cpu" is itself.
[[nodiscard]] std::string device_identity(const Device& device);

/// The same with what it asks; `nvml` may be null.
[[nodiscard]] std::string device_identity(const Device& device, const Nvml* nvml, const std::string& visible);

}  // namespace podium::machine
