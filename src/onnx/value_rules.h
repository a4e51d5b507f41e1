#pragma once

#include <optional>

#include "onnx/shape_table.h"

/// Rules for operators that models compute shapes with, so that a shape made by "Shape, Gather, Concat, Reshape" is known too.
namespace podium::onnx {

using MaybeKnown = std::optional<Known>;

/// `axis` counted from the front; nothing where the shape has no such axis.
[[nodiscard]] std::optional<std::size_t> axis_from_front(std::int64_t axis, std::size_t rank) noexcept;

/// Start, step and number of elements that Slice takes of one axis.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

/// Nothing where the step is 0.
[[nodiscard]] std::optional<SliceRange> slice_axis(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step);

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
