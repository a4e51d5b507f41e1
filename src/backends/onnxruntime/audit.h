#pragma once

#include <onnxruntime_cxx_api.h>

#include <string>

#include "backends/api/backend.h"

namespace podium::onnxruntime {

/// Loads the model once more with ONNX Runtime's profiler on, runs it once on zeros and counts its nodes by execution provider and type:
/// the one way in which the engine tells what each node really ran on. `options` are those of the session in question.
[[nodiscard]] Result<Audit> audit_by_profile(const Ort::Env& env, const backend::LoadRequest& request, Ort::SessionOptions options,
                                             const std::string& asked_provider);

}  // namespace podium::onnxruntime
