#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/result.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium::onnxruntime {

/// What a cell asked for, to hold a profile against.
struct Asked {
  std::string provider;  ///< as ONNX Runtime names it: "CPUExecutionProvider"
  Precision precision = Precision::fp32;
  std::optional<std::int64_t> model_nodes;  ///< before any optimization, where it is known
};

/// Counts the nodes of a profile that ONNX Runtime wrote by execution provider and type, and says which ran elsewhere than asked, or in
/// another precision.
[[nodiscard]] Result<Audit> read_profile(const std::filesystem::path& file, const Asked& asked);

}  // namespace podium::onnxruntime
