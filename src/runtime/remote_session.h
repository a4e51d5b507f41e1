#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "artifact/opened.h"
#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/artifact.h"

namespace podium::runtime {

/// A variant of an artefact, loaded in a process of its own (podium-host): another engine than the one in this process must not meet it.
/// Inputs and outputs are copied through shared memory. The process ends with the session, and when this process does, however that ends.
[[nodiscard]] Result<std::unique_ptr<backend::Session>> load_in_host(const artifact::Opened& artifact, std::size_t variant,
                                                                     const std::vector<backend::InputSpec>& inputs,
                                                                     const LoadOptions& options);

/// What differs here from where a variant was measured, found out by such a process, which ends with that; its error where it cannot run.
[[nodiscard]] Result<std::vector<std::string>> ask_host(const artifact::Opened& artifact, std::size_t variant);

}  // namespace podium::runtime
