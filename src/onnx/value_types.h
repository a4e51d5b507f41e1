#pragma once

#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::onnx {

/// The graph's inputs that are not initializers. An input that no engine can be fed with is an error that names it.
[[nodiscard]] Result<std::vector<TensorSpec>> read_inputs(const ::onnx::GraphProto& graph);
/// The graph's outputs. Sequences and maps (of classical machine learning) are left out while a tensor remains to compare.
[[nodiscard]] Result<std::vector<TensorSpec>> read_outputs(const ::onnx::GraphProto& graph);

}  // namespace podium::onnx
