#pragma once

#include <map>
#include <string>
#include <vector>

#include "convert/quantize/graph_view.h"
#include "core/quantization_profile.h"
#include "core/result.h"
#include "onnx/graph_edit.h"
#include "onnx/value_facts.h"

namespace podium::convert {

/// A graph whose nodes are given dynamic int8 forms, and what the forms share.
class DynamicEdit {
 public:
  DynamicEdit(::onnx::ModelProto& model, const QuantizationProfile& profile);

  struct Quantized {
    std::string numbers;
    std::string scale;  ///< one for all, or [..., rows, 1]
    std::string zero_point;
  };

  [[nodiscard]] const GraphView& view() const noexcept { return view_; }  ///< of the graph before any edit: constants, mainly
  [[nodiscard]] bool is_float32(const std::string& value) const { return facts_.type(value) == ::onnx::TensorProto::FLOAT; }
  [[nodiscard]] onnx::GraphEdit& edit() noexcept { return edit_; }
  [[nodiscard]] const QuantizationProfile& profile() const noexcept { return profile_; }

  /// Behind one DynamicQuantizeLinear, which all that read the value share.
  [[nodiscard]] const Quantized& quantize(const std::string& value);
  /// With a scale for each row (the words of a text), which DynamicQuantizeLinear has not: 1 to 255 around 128, by the row's largest
  /// magnitude. Shared likewise.
  [[nodiscard]] const Quantized& quantize_rows(const std::string& value);
  /// Whether a sample has several rows, so that one scale for all would be that of the row with the largest numbers.
  [[nodiscard]] bool has_rows(const std::string& value) const;
  /// A node with one output, whose name it returns.
  std::string add(const std::string& type, const std::vector<std::string>& inputs, const std::string& near, const std::string& output = {});
  /// float32 numbers under a name near `near`.
  std::string add_floats(const std::string& near, const Shape& shape, const std::vector<float>& values);
  std::string add_int8(const std::string& near, const Shape& shape, const std::vector<std::int64_t>& values);

 private:
  /// The largest magnitude of each row, and never 0.
  std::string add_row_magnitudes(const std::string& value);
  /// One initializer for all that ask for the number.
  const std::string& shared_float(const std::string& near, float number);

  std::int64_t opset_;
  GraphView view_;
  onnx::ValueFacts facts_;
  onnx::GraphEdit edit_;
  const QuantizationProfile& profile_;
  std::map<std::string, Quantized> quantized_;
  std::map<std::string, Quantized> quantized_rows_;
  std::map<float, std::string> floats_;
  std::string middle_;  ///< 128, the zero point of rows
};

/// Gives one node its dynamic int8 form. An error with ErrorCode::unsupported carries the reason why it stays in float; others end the
/// conversion.
using DynamicForm = Result<void> (*)(DynamicEdit& graph, ::onnx::NodeProto& node);

[[nodiscard]] Result<void> matmul_form(DynamicEdit& graph, ::onnx::NodeProto& node);
[[nodiscard]] Result<void> attention_form(DynamicEdit& graph, ::onnx::NodeProto& node);
[[nodiscard]] Result<void> gemm_form(DynamicEdit& graph, ::onnx::NodeProto& node);
[[nodiscard]] Result<void> conv_form(DynamicEdit& graph, ::onnx::NodeProto& node);
[[nodiscard]] Result<void> lstm_form(DynamicEdit& graph, ::onnx::NodeProto& node);
/// Weights alone are int8, behind a DequantizeLinear, for engines that quantize activations by themselves: MatMul and Gemm.
[[nodiscard]] Result<void> weights_only_form(DynamicEdit& graph, ::onnx::NodeProto& node);

}  // namespace podium::convert
