#pragma once

#include <functional>
#include <optional>

#include "onnx-ml.pb.h"
#include "onnx/shape_table.h"

namespace podium::onnx {

/// What a declared value is taken to be; nothing where its declaration is not to be used.
using ReadDeclared = std::function<std::optional<Known>(const ::onnx::ValueInfoProto& value, bool is_input)>;

/// Carries shapes and small whole numbers from the inputs and initializers of a graph through its nodes.
[[nodiscard]] ShapeTable propagate(const ::onnx::GraphProto& graph, const ReadDeclared& read);

}  // namespace podium::onnx
