#include "convert/quantize/dynamic/dynamic_edit.h"

#include "onnx/tensor_data.h"

namespace podium::convert {

const DynamicEdit::Quantized& DynamicEdit::quantize(const std::string& value) {
  const auto [found, is_new] = quantized_.try_emplace(value);
  if (is_new) {
    found->second = {edit_.unique_name(value + "_quantized"), edit_.unique_name(value + "_scale"),
                     edit_.unique_name(value + "_zero_point")};
    edit_.add_node("DynamicQuantizeLinear", {value}, {found->second.numbers, found->second.scale, found->second.zero_point},
                   edit_.unique_name(value + "_DynamicQuantizeLinear"));
  }
  return found->second;
}

std::string DynamicEdit::add(const std::string& type, const std::vector<std::string>& inputs, const std::string& near,
                             const std::string& output) {
  const std::string made = output.empty() ? edit_.unique_name(near + "_" + type) : output;
  edit_.add_node(type, inputs, {made}, edit_.unique_name(near + "_" + type + "_node"));
  return made;
}

std::string DynamicEdit::add_floats(const std::string& near, const Shape& shape, const std::vector<float>& values) {
  std::string name = edit_.unique_name(near);
  edit_.add_initializer(onnx::float_tensor(name, shape, values));
  return name;
}

std::string DynamicEdit::add_int8(const std::string& near, const Shape& shape, const std::vector<std::int64_t>& values) {
  std::string name = edit_.unique_name(near);
  edit_.add_initializer(onnx::integer_tensor(name, shape, values, DataType::int8));
  return name;
}

}  // namespace podium::convert
