#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <string>

#include "backends/api/backend.h"

namespace podium::openvino {

/// Reads an ONNX file with OpenVINO's own front end, checks the cell's inputs against it and, where `fixed_shapes` is asked for, gives it
/// their shapes.
[[nodiscard]] Result<std::shared_ptr<ov::Model>> read_model(const backend::LoadRequest& request, bool fixed_shapes);

/// An output's name in the ONNX model. OpenVINO gives a tensor every name that it goes by, also those of nodes that were folded away.
[[nodiscard]] std::string output_name(const ov::Output<const ov::Node>& output);

}  // namespace podium::openvino
