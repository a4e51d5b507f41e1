#pragma once

#include <onnxruntime_cxx_api.h>

#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"

namespace podium::onnxruntime {

[[nodiscard]] std::vector<OptionSpec> option_specs();
/// Values that a search for the fastest way tries.
[[nodiscard]] std::vector<backend::OptionTrial> option_trials();
/// Session options for a cell. ErrorCode::unsupported where this build of ONNX Runtime lacks the execution provider.
[[nodiscard]] Result<Ort::SessionOptions> session_options(const backend::LoadRequest& request);
/// The execution provider that the cell asked for, as ONNX Runtime names it: "CPUExecutionProvider".
[[nodiscard]] std::string provider_name(const OptionValues& options);

}  // namespace podium::onnxruntime
