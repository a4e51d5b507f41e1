#include "convert/quantize/int8_opset.h"

#include "onnx/opset.h"
#include "onnx/whole_model.h"

namespace podium::convert {

Result<void> fit_opset(::onnx::ModelProto& model, const QuantizationProfile& profile, std::int64_t oldest) {
  const std::int64_t version = onnx::opset_of(model);
  if (version < oldest) return onnx::convert_opset(model, oldest);
  if (profile.newest_opset > 0 && version > profile.newest_opset) return onnx::convert_opset(model, profile.newest_opset);
  return {};
}

}  // namespace podium::convert
