#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "convert/half.h"
#include "convert/recovery/partial_conversion.h"

namespace podium::convert {

/// Half precision of some of the nodes that to_half() converts. Its layers are the nodes that compute, each with those that only move its
/// numbers. The models it makes are rounded_in_float32(), with float32 inputs and outputs: what 16 bits do, whatever kernels the engine has
/// that runs the calibration data.
class HalfConversion final : public PartialConversion {
 public:
  /// Looks at real activations, once for all that is made. `model` and `progress` outlive it.
  [[nodiscard]] static Result<std::unique_ptr<HalfConversion>> create(const ::onnx::ModelProto& model, HalfRequest request,
                                                                      ActivationSource& source, const Progress& progress);

  [[nodiscard]] const std::vector<std::string>& layers() const override { return layers_; }
  [[nodiscard]] Result<::onnx::ModelProto> without(const std::set<std::string>& wide) override;
  [[nodiscard]] Result<::onnx::ModelProto> only(const std::set<std::string>& layers) override;

  /// The nodes that stay wide where these layers do.
  [[nodiscard]] std::set<std::string> nodes_of(const std::set<std::string>& layers) const;

  /// What is to be asked of to_half() for the same model: nothing needs to be looked at again.
  [[nodiscard]] const HalfRequest& request() const noexcept { return request_; }

 private:
  HalfConversion(const ::onnx::ModelProto& model, HalfRequest request, const Progress& progress)
      : model_(model), request_(std::move(request)), progress_(progress) {}
  [[nodiscard]] Result<::onnx::ModelProto> make(const HalfRequest& request) const;

  const ::onnx::ModelProto& model_;
  HalfRequest request_;
  const Progress& progress_;
  std::vector<std::string> layers_;
  std::map<std::string, std::vector<std::string>> nodes_;  ///< of each layer
};

}  // namespace podium::convert
