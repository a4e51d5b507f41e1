#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::onnx {

/// A tensor as dense bytes, whatever its type; moved around without looking at its elements.
struct Dense {
  DataType type = DataType::float32;
  Shape shape;
  std::string bytes;

  [[nodiscard]] std::int64_t count() const noexcept;
  [[nodiscard]] bool is_floating() const noexcept;
};

/// Nothing where the type is none of Podium's, or the content does not fit the shape.
[[nodiscard]] std::optional<Dense> to_dense(const ::onnx::TensorProto& tensor);
[[nodiscard]] ::onnx::TensorProto to_tensor(Dense dense, const std::string& name);

/// The elements as numbers. A double holds every float, and a sum, product or quotient of two floats rounds to float as it should.
[[nodiscard]] std::vector<double> reals_of(const Dense& dense);
[[nodiscard]] std::vector<std::int64_t> integers_of(const Dense& dense);
[[nodiscard]] Dense from_reals(DataType type, Shape shape, const std::vector<double>& values);
[[nodiscard]] Dense from_integers(DataType type, Shape shape, const std::vector<std::int64_t>& values);

/// Elements of `shape`, taken from `bytes` at `offset` + Σ index × stride, all in elements of `width` bytes.
[[nodiscard]] std::string copy_strided(std::string_view bytes, std::size_t width, const Shape& shape,
                                       const std::vector<std::int64_t>& strides, std::int64_t offset);
/// Of a dense tensor, in elements.
[[nodiscard]] std::vector<std::int64_t> strides_of(const Shape& shape);
/// Two shapes that are repeated along axes of size 1 until they fit; nothing where they do not.
[[nodiscard]] std::optional<Shape> broadcast(const Shape& a, const Shape& b);
/// Repeats a tensor's elements until it has that shape, which broadcast() gave.
[[nodiscard]] std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to);

}  // namespace podium::onnx
