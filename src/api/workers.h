#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "core/result.h"
#include "worker/worker.h"

namespace podium::api {

/// Every backend this build knows.
[[nodiscard]] Result<std::vector<backend::Registered>> read_backends();

/// How the worker of a backend is started; an error (unavailable) that says what is missing where it cannot be.
[[nodiscard]] Result<worker::WorkerCommand> worker_command(const backend::Registered& backend);

/// What stands before /proc and /sys when the machine is looked at: "/", or PODIUM_MACHINE_ROOT for tests that show another machine.
[[nodiscard]] std::filesystem::path machine_root();

}  // namespace podium::api
