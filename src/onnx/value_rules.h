#pragma once

#include <optional>

#include "onnx/shape_table.h"

/// Rules for operators that models compute shapes with, so that a shape made by "Shape, Gather, Concat, Reshape" is known too.
namespace podium::onnx {

using MaybeKnown = std::optional<Known>;

/// `axis` counted from the front; nothing where the shape has no such axis.
[[nodiscard]] std::optional<std::size_t> axis_from_front(std::int64_t axis, std::size_t rank) noexcept;

[[nodiscard]] MaybeKnown infer_constant(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_constant_of_shape(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_shape(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_gather(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_slice(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_concat(const Operator& op, int output);
[[nodiscard]] MaybeKnown infer_transpose(const Operator& op, int output);
/// Add, Sub, Mul, Div and whatever else works element by element.
[[nodiscard]] MaybeKnown infer_elementwise(const Operator& op, int output);

}  // namespace podium::onnx
