#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "onnx/model.h"

namespace podium::onnx {

/// A model as it stands in its file, after all checks of reading.
struct CheckedModel {
  std::unique_ptr<::onnx::ModelProto> model;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::vector<std::string> data_files;  ///< that tensors lie in, relative to the model's folder
};

/// Errors name the file.
[[nodiscard]] Result<CheckedModel> read_checked(const std::filesystem::path& file, const ReadLimits& limits);
/// The same error, with the file before it.
[[nodiscard]] tl::unexpected<Error> in_file(const std::filesystem::path& file, Error error);

}  // namespace podium::onnx
