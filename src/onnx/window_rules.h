#pragma once

#include "onnx/value_rules.h"

/// Rules for operators that slide a window over spatial axes.
namespace podium::onnx {

/// `weight_input`: which input holds the weights, whose spatial axes are the window.
[[nodiscard]] MaybeKnown infer_convolution(const Operator& op, int weight_input);
[[nodiscard]] MaybeKnown infer_pooling(const Operator& op, int output);

}  // namespace podium::onnx
