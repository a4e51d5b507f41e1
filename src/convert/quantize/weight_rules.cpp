#include "convert/quantize/weight_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_types.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

tl::unexpected<Error> because(const std::string& reason) {
  return fail(ErrorCode::unsupported, reason);
}

/// The bias stands in C as it is: neither it nor the product is multiplied by anything.
bool is_plain_gemm(const NodeProto& node) {
  return onnx::float_attribute(node, "alpha", 1.0F) == 1.0F && onnx::float_attribute(node, "beta", 1.0F) == 1.0F;
}

int channel_axis(const NodeProto& node, const TensorProto& weight, const QuantizationProfile& profile) {
  if (node.op_type() == "Conv") return 0;
  if (node.op_type() == "ConvTranspose") return 1;
  if (!profile.quantize_linear_weights_per_channel) return -1;
  if (node.op_type() == "Gemm") return onnx::integer_attribute(node, "transB", 0) != 0 ? 0 : 1;
  // Engines know channels of a matrix only; a stack of matrices has one scale.
  return weight.dims_size() == 2 ? 1 : -1;
}

/// A bias that is one number for each output channel, as int32 needs it.
std::string plain_bias(const NodeProto& node, const GraphView& view, const QuantizationProfile& profile, std::int64_t channels) {
  if (!profile.quantize_bias || node.op_type() == "MatMul" || node.input_size() < 3 || node.input(2).empty()) return {};
  if (node.op_type() == "Gemm" && !is_plain_gemm(node)) return {};
  const TensorProto* bias = view.constant(node.input(2));
  const bool fits =
      bias != nullptr && bias->data_type() == TensorProto::FLOAT && bias->dims_size() == 1 && bias->dims(0) == channels && channels > 0;
  return fits ? node.input(2) : std::string();
}

std::int64_t groups_of(const NodeProto& node) {
  return node.op_type() == "ConvTranspose" ? std::max<std::int64_t>(1, onnx::integer_attribute(node, "group", 1)) : 1;
}

/// Output channels along the weight, whether they have scales of their own or not.
std::int64_t output_channels(const NodeProto& node, const TensorProto& weight) {
  if (node.op_type() == "Conv") return weight.dims(0);
  if (node.op_type() == "ConvTranspose") return weight.dims(1) * groups_of(node);
  if (node.op_type() == "Gemm" && onnx::integer_attribute(node, "transB", 0) != 0) return weight.dims(0);
  return weight.dims(weight.dims_size() - 1);
}

}  // namespace

Result<WeightUse> weight_of(const NodeProto& node, const GraphView& view, const QuantizationProfile& profile) {
  const std::string& name = node.input(1);
  const TensorProto* weight = view.constant(name);
  if (weight == nullptr) return because("its weight is computed while running");
  if (weight->data_type() != TensorProto::FLOAT) {
    const auto type = onnx::element_type(weight->data_type());
    return because(fmt::format("its weight '{}' is {}, not float32", onnx::shown_name(name), type ? type->name : "of an unknown type"));
  }
  if (weight->dims_size() < 2) return because(fmt::format("its weight '{}' is a vector", onnx::shown_name(name)));
  const auto is_empty = [](std::int64_t size) { return size <= 0; };
  if (std::any_of(weight->dims().begin(), weight->dims().end(), is_empty))
    return because(fmt::format("its weight '{}' is empty", onnx::shown_name(name)));
  return WeightUse{name, channel_axis(node, *weight, profile), plain_bias(node, view, profile, output_channels(node, *weight)),
                   groups_of(node)};
}

}  // namespace podium::convert
