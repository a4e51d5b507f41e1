#pragma once

#include <filesystem>
#include <memory>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "onnx/model.h"

namespace podium::onnx {

/// Reads the protobuf of a model within the limits. Errors name the file.
[[nodiscard]] Result<std::unique_ptr<::onnx::ModelProto>> parse(const std::filesystem::path& file, const ReadLimits& limits);

}  // namespace podium::onnx
