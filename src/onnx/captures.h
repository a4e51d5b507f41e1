#pragma once

#include <string>
#include <vector>

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// The values that the graphs inside a node (branches of If, bodies of Loop and Scan) read from outside, each once, sorted.
[[nodiscard]] std::vector<std::string> captures_of(const ::onnx::NodeProto& node);

}  // namespace podium::onnx
