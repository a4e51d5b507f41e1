#include "convert/recovery/layers.h"

#include <span>
#include <string>

#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

std::optional<WeightChannels> WeightChannels::of(const ::onnx::NodeProto& layer, const ::onnx::TensorProto& weight) {
  const std::string& type = layer.op_type();
  const bool is_convolution = type == "Conv" || type == "ConvTranspose";
  const bool is_product = type == "Gemm" || type == "MatMul";
  const int rank = weight.dims_size();
  if (!(is_convolution && rank >= 3) && !(is_product && rank == 2)) return std::nullopt;
  if (type == "Gemm" && onnx::integer_attribute(layer, "transA", 0) != 0) return std::nullopt;

  WeightChannels channels;
  channels.first_ = weight.dims(0);
  channels.second_ = weight.dims(1);
  for (int axis = 2; axis < rank; ++axis) channels.inner_ *= weight.dims(axis);
  if (is_convolution) channels.groups_ = onnx::integer_attribute(layer, "group", 1);
  channels.input_first_ = type == "ConvTranspose" || type == "MatMul" || onnx::integer_attribute(layer, "transB", 0) == 0;
  if (type == "Conv") channels.input_first_ = false;
  const bool is_whole = channels.groups_ > 0 && channels.first_ > 0 && channels.second_ > 0 && channels.inner_ > 0;
  if (!is_whole || channels.first_ % channels.groups_ != 0) return std::nullopt;
  return channels;
}

std::size_t WeightChannels::first_of(std::size_t index) const noexcept {
  return index / static_cast<std::size_t>(inner_ * second_);
}

std::size_t WeightChannels::second_of(std::size_t index) const noexcept {
  const auto second = static_cast<std::size_t>(second_);
  const std::size_t group = first_of(index) / static_cast<std::size_t>(first_ / groups_);
  return index / static_cast<std::size_t>(inner_) % second + group * second;
}

Result<void> store_constants(::onnx::ModelProto& model) {
  onnx::GraphEdit edit(*model.mutable_graph());
  edit.constants_to_initializers();
  return edit.finish();
}

::onnx::TensorProto* float_weight(const onnx::GraphEdit& edit, const ::onnx::NodeProto& node, int index) {
  if (index >= node.input_size() || node.input(index).empty()) return nullptr;
  ::onnx::TensorProto* tensor = edit.initializer(node.input(index));
  return tensor != nullptr && tensor->data_type() == ::onnx::TensorProto::FLOAT ? tensor : nullptr;
}

void set_weight(onnx::GraphEdit& edit, ::onnx::NodeProto& node, int index, std::span<const float> values) {
  const std::string name = node.input(index);
  ::onnx::TensorProto& tensor = *edit.initializer(name);
  const Shape shape = onnx::shape_of(tensor);
  if (only_reader(edit, name) == &node) {
    tensor = onnx::float_tensor(name, shape, values);
    return;
  }
  const std::string own = edit.unique_name(name);
  edit.add_initializer(onnx::float_tensor(own, shape, values));
  edit.set_input(node, index, own);
}

::onnx::NodeProto* only_reader(const onnx::GraphEdit& edit, const std::string& value) {
  if (edit.is_output(value) || edit.is_captured(value)) return nullptr;
  const std::vector<::onnx::NodeProto*> readers = edit.consumers(value);
  return readers.size() == 1 ? readers.front() : nullptr;
}

}  // namespace podium::convert
