#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "onnx/model.h"

namespace podium::onnx {

/// Reads a model with all its weights, those of external files too, to be edited. Checked as Model::read() checks. The model in memory may
/// be larger than the 2 GiB that protobuf can write in one file.
[[nodiscard]] Result<std::unique_ptr<::onnx::ModelProto>> read_whole(const std::filesystem::path& file, const ReadLimits& limits = {});

struct WriteOptions {
  /// Weights go into one file FILE.data beside the model where all of it takes more than this.
  std::int64_t largest_single_file = std::int64_t{3} << 29;  // 1.5 GiB
};

/// Writes by temporary file and rename, so that a reader sees the old or the new model. Returns the files written, the model first.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_model(const ::onnx::ModelProto& model, const std::filesystem::path& file,
                                                                     const WriteOptions& options = {});

/// The version of the default operator set; 1 where the model names none.
[[nodiscard]] std::int64_t opset_of(const ::onnx::ModelProto& model) noexcept;

}  // namespace podium::onnx
