#pragma once

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// All of a graph but its initializers, which may have gigabytes.
void copy_without_initializers(const ::onnx::GraphProto& graph, ::onnx::GraphProto& copy);

}  // namespace podium::onnx
