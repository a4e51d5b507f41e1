#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "convert/quantize.h"
#include "convert/recovery/partial_conversion.h"

namespace podium::convert {

/// Static int8 of some of the layers that a plan quantizes: convolutions and products, whose int8 is worth it by itself. What lies between
/// them is in int8 only while they are, and goes with them (see plan_static()).
class StaticConversion final : public PartialConversion {
 public:
  /// All arguments outlive it. `ranges`: of the plan's activations, found by `calibration`; those of values that only another plan
  /// quantizes are found likewise when needed.
  StaticConversion(const ::onnx::ModelProto& model, const StaticPlan& plan, const QuantizationProfile& profile,
                   const std::map<std::string, Range>& ranges, const CalibrationSettings& calibration, ActivationSource& source,
                   const Progress& progress);

  [[nodiscard]] const std::vector<std::string>& layers() const override { return layers_; }
  [[nodiscard]] Result<::onnx::ModelProto> without(const std::set<std::string>& wide) override;
  [[nodiscard]] Result<::onnx::ModelProto> only(const std::set<std::string>& layers) override;

  [[nodiscard]] const std::map<std::string, Range>& ranges() const noexcept { return ranges_; }
  [[nodiscard]] Result<StaticPlan> plan_without(const std::set<std::string>& wide) const;

 private:
  [[nodiscard]] Result<void> find_missing_ranges(const StaticPlan& plan);

  const ::onnx::ModelProto& model_;
  const StaticPlan& plan_;
  const QuantizationProfile& profile_;
  std::map<std::string, Range> ranges_;
  CalibrationSettings calibration_;
  ActivationSource& source_;
  const Progress& progress_;
  std::vector<std::string> layers_;
};

}  // namespace podium::convert
