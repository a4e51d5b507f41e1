#pragma once

#include <filesystem>

#include "core/result.h"
#include "podium/results.h"

namespace podium::import {

/// What the exporter wrote of a PyTorch model (facts.json); the name is left empty.
[[nodiscard]] Result<ModelFacts> read_torch_facts(const std::filesystem::path& file);

}  // namespace podium::import
