#pragma once

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// All of a graph but its initializers, which may have gigabytes.
void copy_without_initializers(const ::onnx::GraphProto& graph, ::onnx::GraphProto& copy);

/// Inputs that have an initializer (up to IR version 3 each initializer is an input too) are inputs no more; Podium feeds none of them.
void drop_inputs_with_initializers(::onnx::GraphProto& graph);

}  // namespace podium::onnx
