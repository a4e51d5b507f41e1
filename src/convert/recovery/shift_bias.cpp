#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "convert/recovery/layers.h"
#include "convert/recovery/quantized_weight.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

bool is_per_channel(const TensorProto& bias, std::size_t channels) {
  const Shape shape = onnx::shape_of(bias);
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return !shape.empty() && shape.back() == static_cast<std::int64_t>(channels) && count == shape.back();
}

Result<bool> shift_float(GraphEdit& edit, NodeProto& node, int index, const std::vector<double>& shift) {
  const TensorProto& bias = *edit.initializer(node.input(index));
  if (!is_per_channel(bias, shift.size())) return false;
  Result<std::vector<float>> values = onnx::floats_of(bias);
  if (!values) return tl::unexpected(values.error());
  for (std::size_t i = 0; i < shift.size(); ++i) (*values)[i] = static_cast<float>(static_cast<double>((*values)[i]) + shift[i]);
  set_weight(edit, node, index, *values);
  return true;
}

/// `dequantize` reads an int32 bias, which is shifted by whole steps of its scale.
Result<bool> shift_int32(GraphEdit& edit, NodeProto& dequantize, const std::vector<double>& shift) {
  const std::string name = dequantize.input(0);
  TensorProto& bias = *edit.initializer(name);
  const TensorProto* stored_scale = dequantize.input_size() > 1 ? edit.initializer(dequantize.input(1)) : nullptr;
  if (stored_scale == nullptr || !is_per_channel(bias, shift.size())) return false;
  const Result<std::vector<float>> scale = onnx::floats_of(*stored_scale);
  if (!scale) return tl::unexpected(scale.error());
  if (scale->size() != 1 && scale->size() != shift.size()) return false;
  Result<std::vector<std::int64_t>> numbers = onnx::integers_of(bias);
  if (!numbers) return tl::unexpected(numbers.error());

  constexpr auto least = static_cast<double>(std::numeric_limits<std::int32_t>::min());
  constexpr auto largest = static_cast<double>(std::numeric_limits<std::int32_t>::max());
  for (std::size_t i = 0; i < shift.size(); ++i) {
    const double step = static_cast<double>((*scale)[scale->size() == 1 ? 0 : i]);
    const double moved = static_cast<double>((*numbers)[i]) + std::nearbyint(shift[i] / step);
    if (std::isfinite(moved)) (*numbers)[i] = static_cast<std::int64_t>(std::clamp(moved, least, largest));
  }
  if (only_reader(edit, name) == &dequantize) {
    bias = onnx::integer_tensor(name, onnx::shape_of(bias), *numbers, DataType::int32);
    return true;
  }
  const std::string own = edit.unique_name(name);
  edit.add_initializer(onnx::integer_tensor(own, onnx::shape_of(bias), *numbers, DataType::int32));
  edit.set_input(dequantize, 0, own);
  return true;
}

}  // namespace

Result<bool> shift_bias(GraphEdit& edit, NodeProto& node, int index, const std::vector<double>& shift) {
  if (float_weight(edit, node, index) != nullptr) return shift_float(edit, node, index, shift);
  NodeProto* dequantize = index < node.input_size() ? edit.producer(node.input(index)) : nullptr;
  if (dequantize == nullptr || dequantize->op_type() != "DequantizeLinear" || only_reader(edit, node.input(index)) != &node) return false;
  const TensorProto* stored = edit.initializer(dequantize->input(0));
  if (stored == nullptr || stored->data_type() != TensorProto::INT32) return false;
  return shift_int32(edit, *dequantize, shift);
}

}  // namespace podium::convert
