#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "convert/quantize.h"
#include "convert/recovery/partial_conversion.h"

namespace podium::convert {

/// Dynamic int8 of some of the layers that quantize_dynamic() converts.
class DynamicConversion final : public PartialConversion {
 public:
  /// All arguments outlive it.
  [[nodiscard]] static Result<std::unique_ptr<DynamicConversion>> create(const ::onnx::ModelProto& model,
                                                                         const QuantizationProfile& profile,
                                                                         const std::set<std::string>& exclude);

  [[nodiscard]] const std::vector<std::string>& layers() const override { return layers_; }
  [[nodiscard]] Result<::onnx::ModelProto> without(const std::set<std::string>& wide) override;
  [[nodiscard]] Result<::onnx::ModelProto> only(const std::set<std::string>& layers) override;

 private:
  DynamicConversion(const ::onnx::ModelProto& model, const QuantizationProfile& profile, const std::set<std::string>& exclude)
      : model_(model), profile_(profile), exclude_(exclude) {}

  const ::onnx::ModelProto& model_;
  const QuantizationProfile& profile_;
  const std::set<std::string>& exclude_;
  std::vector<std::string> layers_;
};

}  // namespace podium::convert
