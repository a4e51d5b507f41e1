#include "convert/recovery/quantized_weight.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "convert/recovery/layers.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// Scale and zero point of a QuantizeLinear or DequantizeLinear, spread over the channels of a tensor.
struct Scaling {
  std::vector<float> scale;        ///< of each channel; one for all
  std::vector<std::int64_t> zero;  ///< likewise; empty: 0
  std::size_t inner = 1;           ///< numbers of the tensor behind each place of the channels' axis

  [[nodiscard]] std::size_t channel_of(std::size_t index) const { return scale.size() == 1 ? 0 : index / inner % scale.size(); }
  [[nodiscard]] std::int64_t zero_of(std::size_t index) const { return zero.empty() ? 0 : zero[zero.size() == 1 ? 0 : channel_of(index)]; }
};

Result<std::optional<Scaling>> read_scaling(const GraphEdit& edit, const NodeProto& node, const Shape& shape) {
  const TensorProto* scale = node.input_size() > 1 ? edit.initializer(node.input(1)) : nullptr;
  if (scale == nullptr) return std::nullopt;
  Scaling scaling;
  Result<std::vector<float>> numbers = onnx::floats_of(*scale);
  if (!numbers) return tl::unexpected(numbers.error());
  scaling.scale = std::move(*numbers);
  if (node.input_size() > 2 && !node.input(2).empty()) {
    const TensorProto* zero = edit.initializer(node.input(2));
    if (zero == nullptr) return std::nullopt;
    Result<std::vector<std::int64_t>> points = onnx::integers_of(*zero);
    if (!points) return tl::unexpected(points.error());
    scaling.zero = std::move(*points);
  }
  if (scaling.scale.size() == 1) return scaling;

  const auto rank = static_cast<std::int64_t>(shape.size());
  std::int64_t axis = onnx::integer_attribute(node, "axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return std::nullopt;
  const bool fits = static_cast<std::int64_t>(scaling.scale.size()) == shape[static_cast<std::size_t>(axis)] &&
                    (scaling.zero.size() <= 1 || scaling.zero.size() == scaling.scale.size());
  if (!fits) return std::nullopt;
  for (auto later = static_cast<std::size_t>(axis) + 1; later < shape.size(); ++later)
    scaling.inner *= static_cast<std::size_t>(shape[later]);
  return scaling;
}

/// The least and the largest number that a QuantizeLinear yields.
std::pair<std::int64_t, std::int64_t> bounds(const GraphEdit& edit, const NodeProto& quantize) {
  const bool has_zero = quantize.input_size() > 2 && !quantize.input(2).empty();
  const TensorProto* zero = has_zero ? edit.initializer(quantize.input(2)) : nullptr;
  if (zero != nullptr && zero->data_type() == TensorProto::INT8) return {-128, 127};
  return {0, 255};
}

/// Whole numbers that a QuantizeLinear makes of a stored float weight.
Result<std::optional<std::vector<std::int64_t>>> quantize(const GraphEdit& edit, const NodeProto& node) {
  const TensorProto* weight = float_weight(edit, node, 0);
  if (weight == nullptr) return std::nullopt;
  const Result<std::vector<float>> values = onnx::floats_of(*weight);
  if (!values) return tl::unexpected(values.error());
  const Result<std::optional<Scaling>> scaling = read_scaling(edit, node, onnx::shape_of(*weight));
  if (!scaling) return tl::unexpected(scaling.error());
  if (!*scaling) return std::nullopt;
  const auto [least, largest] = bounds(edit, node);
  std::vector<std::int64_t> numbers(values->size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double scaled = std::nearbyint(static_cast<double>((*values)[i] / (*scaling)->scale[(*scaling)->channel_of(i)]));
    const double moved = scaled + static_cast<double>((*scaling)->zero_of(i));
    numbers[i] = static_cast<std::int64_t>(std::clamp(moved, static_cast<double>(least), static_cast<double>(largest)));
  }
  return numbers;
}

}  // namespace

Result<std::optional<std::vector<float>>> quantized_weight(const GraphEdit& edit, const NodeProto& node, int index) {
  const NodeProto* dequantize = index < node.input_size() ? edit.producer(node.input(index)) : nullptr;
  if (dequantize == nullptr || dequantize->op_type() != "DequantizeLinear") return std::nullopt;

  std::vector<std::int64_t> numbers;
  Shape shape;
  if (const TensorProto* stored = edit.initializer(dequantize->input(0)); stored != nullptr) {
    Result<std::vector<std::int64_t>> read = onnx::integers_of(*stored);
    if (!read) return tl::unexpected(read.error());
    numbers = std::move(*read);
    shape = onnx::shape_of(*stored);
  } else {
    const NodeProto* before = edit.producer(dequantize->input(0));
    if (before == nullptr || before->op_type() != "QuantizeLinear") return std::nullopt;
    Result<std::optional<std::vector<std::int64_t>>> made = quantize(edit, *before);
    if (!made) return tl::unexpected(made.error());
    if (!*made) return std::nullopt;
    numbers = std::move(**made);
    shape = onnx::shape_of(*edit.initializer(before->input(0)));
  }
  const Result<std::optional<Scaling>> scaling = read_scaling(edit, *dequantize, shape);
  if (!scaling) return tl::unexpected(scaling.error());
  if (!*scaling) return std::nullopt;
  std::vector<float> values(numbers.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(numbers[i] - (*scaling)->zero_of(i)) * (*scaling)->scale[(*scaling)->channel_of(i)];
  }
  return values;
}

}  // namespace podium::convert
