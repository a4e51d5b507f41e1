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
  DynamicEdit(::onnx::GraphProto& graph, const QuantizationProfile& profile)
      : view_(graph), facts_(graph), edit_(graph), profile_(profile) {}

  struct Quantized {
    std::string numbers;
    std::string scale;
    std::string zero_point;
  };

  [[nodiscard]] const GraphView& view() const noexcept { return view_; }  ///< of the graph before any edit: constants, mainly
  [[nodiscard]] bool is_float32(const std::string& value) const { return facts_.type(value) == ::onnx::TensorProto::FLOAT; }
  [[nodiscard]] onnx::GraphEdit& edit() noexcept { return edit_; }
  [[nodiscard]] const QuantizationProfile& profile() const noexcept { return profile_; }

  /// Behind one DynamicQuantizeLinear, which all that read the value share.
  [[nodiscard]] const Quantized& quantize(const std::string& value);
  /// A node with one output, whose name it returns.
  std::string add(const std::string& type, const std::vector<std::string>& inputs, const std::string& near, const std::string& output = {});
  /// float32 numbers under a name near `near`.
  std::string add_floats(const std::string& near, const Shape& shape, const std::vector<float>& values);
  std::string add_int8(const std::string& near, const Shape& shape, const std::vector<std::int64_t>& values);

 private:
  GraphView view_;
  onnx::ValueFacts facts_;
  onnx::GraphEdit edit_;
  const QuantizationProfile& profile_;
  std::map<std::string, Quantized> quantized_;
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
