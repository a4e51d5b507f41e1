#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

/// The engine: it knows one layer. Yours is a library of somebody's instead.
namespace linear {

/// output = input · weight, row-major float32.
struct Layer {
  std::string input;
  std::string output;
  std::int64_t rows = 0;     ///< of the weight: features in
  std::int64_t columns = 0;  ///< features out
  std::vector<float> weight;

  void compute(const float* input_values, std::int64_t batch, float* output_values) const;
};

/// Reads an ONNX model of one MatMul with a constant on its right; ErrorCode::unsupported for any other.
[[nodiscard]] podium::Result<Layer> read_layer(const std::filesystem::path& model);

}  // namespace linear
