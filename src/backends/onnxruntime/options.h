#pragma once

#include <onnxruntime_cxx_api.h>

#include <vector>

#include "backends/api/backend.h"
#include "backends/onnxruntime/cuda_driver.h"
#include "core/result.h"

namespace podium::onnxruntime {

[[nodiscard]] std::vector<OptionSpec> option_specs();
/// Values that a search for the fastest way tries.
[[nodiscard]] std::vector<backend::OptionTrial> option_trials();
/// Session options for a cell; `stream` for the CUDA provider (providers.h). ErrorCode::unsupported where this build of ONNX Runtime lacks
/// the execution provider.
[[nodiscard]] Result<Ort::SessionOptions> session_options(const backend::LoadRequest& request, cuda::Stream stream);

}  // namespace podium::onnxruntime
