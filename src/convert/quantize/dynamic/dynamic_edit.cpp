#include "convert/quantize/dynamic/dynamic_edit.h"

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/tensor_data.h"
#include "onnx/whole_model.h"

namespace podium::convert {
namespace {

constexpr float most = 127.0F;    // steps on each side of the middle
constexpr float middle = 128.0F;  // as unsigned numbers, which engines multiply fastest by signed weights
/// A row of zeros has a scale too. Its numbers come out as 0, and the quotient of `most` by it is finite.
constexpr float least_magnitude = 1e-30F;
constexpr std::int64_t axes_as_input = 18;  // of ReduceMax, from this operator set on

}  // namespace

DynamicEdit::DynamicEdit(::onnx::ModelProto& model, const QuantizationProfile& profile)
    : opset_(onnx::opset_of(model)), view_(model.graph()), facts_(model.graph()), edit_(*model.mutable_graph()), profile_(profile) {}

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

bool DynamicEdit::has_rows(const std::string& value) const {
  const Shape* shape = facts_.shape(value);
  if (shape == nullptr || shape->size() < 3) return false;  // rows of a matrix are samples
  return std::any_of(shape->begin() + 1, shape->end() - 1, [](std::int64_t size) { return size != 1; });
}

std::string DynamicEdit::add_row_magnitudes(const std::string& value) {
  const std::string magnitudes = add("Abs", {value}, value);
  std::string largest = edit_.unique_name(value + "_largest");
  ::onnx::NodeProto& reduced = edit_.add_node("ReduceMax", {magnitudes}, {largest}, edit_.unique_name(value + "_ReduceMax_node"));
  if (opset_ < axes_as_input) {
    onnx::set_integers_attribute(reduced, "axes", {-1});
  } else {
    std::string axes = edit_.unique_name(value + "_last_axis");
    edit_.add_initializer(onnx::integer_tensor(axes, {1}, std::vector<std::int64_t>{-1}, DataType::int64));
    edit_.set_input(reduced, 1, axes);
  }
  return add("Max", {largest, shared_float("least_magnitude", least_magnitude)}, value);
}

const DynamicEdit::Quantized& DynamicEdit::quantize_rows(const std::string& value) {
  const auto [found, is_new] = quantized_rows_.try_emplace(value);
  if (!is_new) return found->second;
  if (middle_.empty()) {
    middle_ = edit_.unique_name("middle");
    edit_.add_initializer(onnx::integer_tensor(middle_, {}, std::vector<std::int64_t>{static_cast<std::int64_t>(middle)}, DataType::uint8));
  }
  const std::string largest = add_row_magnitudes(value);
  const std::string scale = add("Mul", {largest, shared_float("step", 1.0F / most)}, value + "_row_scale");
  const std::string inverse = add("Div", {shared_float("most", most), largest}, value + "_row_inverse");
  const std::string steps = add("Mul", {value, inverse}, value + "_steps");
  // The cast cuts off what is behind the point: half a step more, and it rounds to the nearest.
  const std::string moved = add("Add", {steps, shared_float("middle_and_half", middle + 0.5F)}, value + "_steps");
  const std::string numbers = edit_.unique_name(value + "_row_quantized");
  ::onnx::NodeProto& cast = edit_.add_node("Cast", {moved}, {numbers}, edit_.unique_name(value + "_row_Cast_node"));
  onnx::set_integer_attribute(cast, "to", ::onnx::TensorProto::UINT8);
  found->second = {numbers, scale, middle_};
  return found->second;
}

const std::string& DynamicEdit::shared_float(const std::string& near, float number) {
  const auto [found, is_new] = floats_.try_emplace(number);
  if (is_new) found->second = add_floats(near, {}, {number});
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
