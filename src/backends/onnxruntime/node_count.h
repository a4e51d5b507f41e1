#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace podium::onnxruntime {

/// Nodes of the top graph of an ONNX file, constants left out; nothing where the file is no readable ONNX model. Weights are skipped over,
/// not read: ONNX Runtime itself tells only what it made of the model.
[[nodiscard]] std::optional<std::int64_t> count_model_nodes(const std::filesystem::path& model);

}  // namespace podium::onnxruntime
