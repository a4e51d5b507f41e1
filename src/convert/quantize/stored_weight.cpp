#include "convert/quantize/stored_weight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "onnx/shown_name.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

Result<std::vector<float>> finite_floats(const ::onnx::TensorProto& tensor) {
  Result<std::vector<float>> values = onnx::floats_of(tensor);
  if (!values) return values;
  if (std::all_of(values->begin(), values->end(), [](float value) { return std::isfinite(value); })) return values;
  return fail(ErrorCode::bad_input, fmt::format("weight '{}' holds infinities or NaN", onnx::shown_name(tensor.name())),
              "--exclude the nodes that read it, or train the model again");
}

Result<StoredWeight> store_weight(const ::onnx::TensorProto& tensor, int axis, const QuantizationProfile& profile) {
  const Result<std::vector<float>> values = finite_floats(tensor);
  if (!values) return tl::unexpected(values.error());
  StoredWeight stored;
  stored.shape = onnx::shape_of(tensor);
  const ChannelLayout layout = channel_layout(stored.shape, axis);
  stored.scales = weight_scales(*values, layout, largest_weight(profile));
  stored.numbers = quantize_weights(*values, layout, stored.scales, largest_weight(profile));
  return stored;
}

}  // namespace podium::convert
