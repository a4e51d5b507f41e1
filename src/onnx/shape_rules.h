#pragma once

#include <optional>

#include "onnx/shape_table.h"

namespace podium::onnx {

/// What is known of an output of a node, from what is known of its inputs. Nothing for an operator without a rule or an unknown input.
[[nodiscard]] std::optional<Known> infer(const Operator& op, int output);

}  // namespace podium::onnx
