#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/calibration_engine.h"
#include "cache/cache.h"
#include "convert/convert.h"
#include "core/result.h"
#include "data/input_set.h"
#include "import/import.h"
#include "podium/calibration.h"
#include "search/candidates.h"
#include "search/model_inputs.h"

namespace podium::api {

/// What the conversions of a run have in common.
struct ConversionBasis {
  CalibrationMethod method = CalibrationMethod::percentile;
  double percentile = 99.999;
  data::InputSet calibration;      ///< no input that answers are judged on is among them
  std::string calibration_sha256;  ///< of `calibration`
  search::ModelInputs inputs;
  CalibrationRun engine;
};

/// Whether the candidate's model file is made by the converter: its engine reads ONNX, and does not itself compute a float32 file in that
/// precision.
[[nodiscard]] bool needs_conversion(const search::Candidate& candidate) noexcept;

/// Whether its ranges come from calibration inputs, whoever makes its model.
[[nodiscard]] bool needs_calibration(const search::Candidate& candidate) noexcept;

/// Variants of a run's model in other precisions, each made once and kept in the cache, by everything that it depends on. A conversion that
/// failed is not tried again.
class ConvertedModels {
 public:
  /// A step of a conversion and, where it counts something, how much of it is done.
  using OnStep = std::function<void(const std::string& what, std::int64_t done, std::int64_t all)>;

  ConvertedModels(cache::Cache& cache, ConversionBasis basis) : cache_(cache), basis_(std::move(basis)) {}

  /// `wide`: the float32 model in ONNX.
  [[nodiscard]] Result<import::Variant> variant(const import::Variant& wide, const search::Candidate& candidate, const CancelToken& cancel,
                                                const OnStep& on_step);

 private:
  struct Wanted {
    const import::Variant& wide;
    convert::ConvertSettings settings;
    const CancelToken& cancel;
    const OnStep& on_step;
  };
  [[nodiscard]] Result<std::vector<std::string>> key_of(const Wanted& wanted);
  [[nodiscard]] Result<void> make(const Wanted& wanted, const std::filesystem::path& folder);
  [[nodiscard]] Result<void> find_engine(const CancelToken& cancel);
  /// Real activations are looked at for half precision too; generated ones would only mislead.
  [[nodiscard]] bool needs_activations(Precision precision) const noexcept;

  cache::Cache& cache_;
  ConversionBasis basis_;
  std::optional<CalibrationEngine> engine_;
  std::map<std::string, Error> failures_;
};

}  // namespace podium::api
