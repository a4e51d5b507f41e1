#include "convert/half/half_conversion.h"

#include <utility>

#include "convert/half/rounded.h"

namespace podium::convert {

Result<std::unique_ptr<HalfConversion>> HalfConversion::create(const ::onnx::ModelProto& model, HalfRequest request,
                                                               ActivationSource& source, const Progress& progress) {
  std::unique_ptr<HalfConversion> conversion(new HalfConversion(model, std::move(request), progress));
  ::onnx::ModelProto half = model;
  Result<Halved> made = to_half(half, conversion->request_, &source, progress);
  if (!made) return tl::unexpected(made.error());
  conversion->request_.known_wide.merge(made->report.left_wide);
  conversion->layers_ = std::move(made->nodes);
  return conversion;
}

Result<::onnx::ModelProto> HalfConversion::without(const std::set<std::string>& wide) {
  HalfRequest request = request_;
  request.wide.insert(wide.begin(), wide.end());
  return make(request);
}

/// Single nodes stand between float32 nodes only: what they cost is not to be seen unless they are converted all the same.
Result<::onnx::ModelProto> HalfConversion::only(const std::set<std::string>& layers) {
  HalfRequest request = request_;
  request.convert_islands = true;
  for (const std::string& layer : layers_) {
    if (!layers.contains(layer)) request.wide.insert(layer);
  }
  return make(request);
}

Result<::onnx::ModelProto> HalfConversion::make(const HalfRequest& request) const {
  HalfRequest asked = request;
  asked.keep_io = true;
  ::onnx::ModelProto half = model_;
  const Result<Halved> made = to_half(half, asked, nullptr, progress_);
  // Where nothing is left to convert, the float model it is.
  if (!made && made.error().code == ErrorCode::unsupported) return model_;
  if (!made) return tl::unexpected(made.error());
  return half::rounded_in_float32(half);
}

}  // namespace podium::convert
