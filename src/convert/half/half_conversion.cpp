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
  for (const NodeGroup& group : made->groups) {
    std::vector<std::string>& nodes = conversion->nodes_[group.name];
    if (nodes.empty()) conversion->layers_.push_back(group.name);  // nodes of inner graphs may be called alike
    nodes.insert(nodes.end(), group.nodes.begin(), group.nodes.end());
  }
  return conversion;
}

Result<::onnx::ModelProto> HalfConversion::without(const std::set<std::string>& wide) {
  HalfRequest request = request_;
  request.wide.merge(nodes_of(wide));
  return make(request);
}

/// Single nodes stand between float32 nodes only: what they cost is not to be seen unless they are converted all the same.
Result<::onnx::ModelProto> HalfConversion::only(const std::set<std::string>& layers) {
  HalfRequest request = request_;
  request.convert_islands = true;
  for (const std::string& layer : layers_) {
    if (!layers.contains(layer)) request.wide.insert(nodes_.at(layer).begin(), nodes_.at(layer).end());
  }
  return make(request);
}

std::set<std::string> HalfConversion::nodes_of(const std::set<std::string>& layers) const {
  std::set<std::string> nodes;
  for (const std::string& layer : layers) nodes.insert(nodes_.at(layer).begin(), nodes_.at(layer).end());
  return nodes;
}

Result<::onnx::ModelProto> HalfConversion::make(const HalfRequest& request) const {
  HalfRequest asked = request;
  asked.keep_io = true;
  ::onnx::ModelProto half = model_;
  const Result<Halved> made = to_half(half, asked, nullptr, progress_.unseen());
  // Where nothing is left to convert, the float model it is.
  if (!made && made.error().code == ErrorCode::unsupported) return model_;
  if (!made) return tl::unexpected(made.error());
  return half::rounded_in_float32(half);
}

}  // namespace podium::convert
