#pragma once

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

/// An error that names a value which a node or an output reads and no input, weight or node makes, or which is made twice, in the graph
/// and those inside its nodes. Reading does not refuse such a model, since what it is may be looked at all the same.
[[nodiscard]] Result<void> check_reads(const ::onnx::GraphProto& graph);

}  // namespace podium::onnx
