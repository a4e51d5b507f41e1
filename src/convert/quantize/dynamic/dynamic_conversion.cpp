#include "convert/quantize/dynamic/dynamic_conversion.h"

#include <algorithm>
#include <iterator>

namespace podium::convert {

Result<std::unique_ptr<DynamicConversion>> DynamicConversion::create(const ::onnx::ModelProto& model, const QuantizationProfile& profile,
                                                                     const std::set<std::string>& exclude) {
  std::unique_ptr<DynamicConversion> conversion(new DynamicConversion(model, profile, exclude));
  ::onnx::ModelProto quantized = model;
  const Result<ConversionReport> report = quantize_dynamic(quantized, operators_that_gain(), profile, exclude);
  if (!report) return tl::unexpected(report.error());
  for (const ::onnx::NodeProto& node : model.graph().node()) {
    const bool is_converted = operators_that_gain().contains(node.op_type()) && !report->left_wide.contains(node.name());
    if (is_converted) conversion->layers_.push_back(node.name());
  }
  return conversion;
}

Result<::onnx::ModelProto> DynamicConversion::without(const std::set<std::string>& wide) {
  std::set<std::string> exclude = exclude_;
  exclude.insert(wide.begin(), wide.end());
  ::onnx::ModelProto quantized = model_;
  const Result<ConversionReport> report = quantize_dynamic(quantized, operators_that_gain(), profile_, exclude);
  if (!report) return tl::unexpected(report.error());
  return quantized;
}

Result<::onnx::ModelProto> DynamicConversion::only(const std::set<std::string>& layers) {
  std::set<std::string> others;
  std::copy_if(layers_.begin(), layers_.end(), std::inserter(others, others.end()),
               [&](const std::string& layer) { return !layers.contains(layer); });
  return without(others);
}

}  // namespace podium::convert
