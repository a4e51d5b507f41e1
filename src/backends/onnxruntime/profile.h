#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "podium/results.h"

namespace podium::onnxruntime {

/// Counts the nodes of a profile that ONNX Runtime wrote by execution provider and type. The fall-back share is that of nodes that ran
/// elsewhere than asked.
[[nodiscard]] Result<Audit> read_profile(const std::filesystem::path& file, const std::string& asked_provider);

}  // namespace podium::onnxruntime
