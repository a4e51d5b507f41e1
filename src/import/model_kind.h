#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace podium::import {

/// What MODEL names, told by its form alone.
enum class ModelKind { onnx_file, pt2_file, torchvision, hugging_face, python };

struct NamedModel {
  ModelKind kind = ModelKind::onnx_file;
  std::string rest;  ///< behind the prefix, or the path
};

/// "torchvision:resnet50", "model.onnx", …; the error for anything else names the kinds that are known.
[[nodiscard]] Result<NamedModel> kind_of_model(const std::string& model);
[[nodiscard]] std::string_view known_kinds() noexcept;

}  // namespace podium::import
