#pragma once

#include <onnxruntime_cxx_api.h>

#include <map>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "backends/onnxruntime/cuda_driver.h"
#include "core/result.h"

namespace podium::onnxruntime {

inline constexpr const char* cpu_provider = "CPUExecutionProvider";
inline constexpr const char* cuda_provider = "CUDAExecutionProvider";

/// The devices that this build of ONNX Runtime computes on here: "cpu", and each GPU where it has the CUDA provider.
[[nodiscard]] std::vector<std::string> devices_here();
/// Whether a cell computes on a GPU, through the CUDA provider.
[[nodiscard]] bool is_on_cuda(const backend::LoadRequest& request);
/// The execution provider that a cell asks for, as ONNX Runtime lists it ("CPUExecutionProvider"): `auto` is that of its device.
[[nodiscard]] Result<std::string> asked_provider(const backend::LoadRequest& request);
/// The CUDA provider's own options for a cell, by its own names.
[[nodiscard]] std::map<std::string, std::string> cuda_options(const backend::LoadRequest& request);
/// Adds the cell's provider to `options`. The CPU provider is always behind it: what it cannot run falls back there, and the audit says so.
/// stream: that the CUDA provider is to compute in; null: one of its own.
[[nodiscard]] Result<void> append_provider(Ort::SessionOptions& options, const backend::LoadRequest& request, cuda::Stream stream);

}  // namespace podium::onnxruntime
