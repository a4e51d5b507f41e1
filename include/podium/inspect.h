#pragma once

#include <map>
#include <string>

#include "podium/results.h"

namespace podium {

/// What is in a model file, read without running anything.
struct Inspection {
  ModelFacts facts;
  std::string format;  ///< "ONNX", "PyTorch exported program", "AOTInductor package", …
  std::int64_t file_bytes = 0;
  std::string producer;
  std::map<std::string, std::int64_t> opsets;     ///< domain → version
  std::map<std::string, std::int64_t> operators;  ///< type → count
  std::map<std::string, std::int64_t> weight_bytes_by_type;
};

/// Throws Exception for a missing, damaged or hostile file.
[[nodiscard]] Inspection inspect(const std::string& model);

}  // namespace podium
