#pragma once

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

/// An error that names the first node which reads a value, or the output which is one, that no input, weight or node makes, in the graph
/// and those inside its nodes. Reading does not refuse such a model, since what it is may be looked at all the same.
[[nodiscard]] Result<void> check_reads(const ::onnx::GraphProto& graph);

}  // namespace podium::onnx
