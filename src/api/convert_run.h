#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/answer_judge.h"
#include "api/calibration_engine.h"
#include "api/sample_set.h"
#include "cache/cache.h"
#include "convert/convert.h"
#include "core/result.h"
#include "import/import.h"
#include "podium/convert.h"
#include "search/model_inputs.h"

namespace podium::api {

/// One `podium convert`: import, inputs, conversion, judgement, and at the end the file.
class ConvertRun {
 public:
  ConvertRun(const ConvertRequest& request, BenchObserver& observer, const CancelToken& cancel)
      : request_(request), observer_(observer), cancel_(cancel) {}
  [[nodiscard]] Result<Conversion> run();

 private:
  [[nodiscard]] Result<void> check_request();
  [[nodiscard]] Result<void> choose_target();
  [[nodiscard]] Result<void> take_in_model();
  [[nodiscard]] Result<void> read_data();
  /// Takes what answers are judged on out of the calibration data.
  [[nodiscard]] Result<void> keep_a_quarter_apart(SampleSet& all);
  /// Starts no engine where no inputs were given.
  [[nodiscard]] Result<void> open_engine();
  [[nodiscard]] Result<void> make();
  /// A judge that cannot judge (the engine does not run such a model) is told, and costs nobody the model.
  [[nodiscard]] Result<void> judge();
  [[nodiscard]] Result<void> write();

  [[nodiscard]] Result<SampleSet> read(const std::filesystem::path& path);
  [[nodiscard]] convert::ConvertSettings settings() const;
  [[nodiscard]] convert::Progress progress();
  [[nodiscard]] bool reaches_bound(const Judgement& judgement) const;
  /// Whether a candidate reaches the bound on the calibration data.
  [[nodiscard]] Result<convert::Holds> bound();
  /// The worse of what the engine makes of the model, some nodes of which it computes in float32 without rounding between them, and of
  /// float32 arithmetic with every value rounded, which engines come near that have kernels of 16 bits. The latter alone where inputs and
  /// outputs have 16 bits, or the engine does not run the model.
  [[nodiscard]] Result<Judgement> judge_half(const AnswerJudge& judge);
  /// Which nodes wrong answers come from.
  [[nodiscard]] Result<void> name_losses();
  void tell(const std::string& stage, const std::string& subject, std::int64_t done = 0, std::int64_t total = 0);

  const ConvertRequest& request_;
  BenchObserver& observer_;
  const CancelToken& cancel_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  QuantizationProfile profile_;
  std::optional<cache::Cache> cache_;
  std::optional<import::ImportedModel> imported_;
  std::unique_ptr<::onnx::ModelProto> original_;
  ::onnx::ModelProto model_;
  search::ModelInputs inputs_;
  std::optional<SampleSet> calibration_;
  std::optional<SampleSet> judged_;
  std::optional<CalibrationEngine> engine_;
  std::unique_ptr<convert::ActivationSource> calibration_source_;
  std::unique_ptr<convert::ActivationSource> judged_source_;
  std::optional<AnswerJudge> calibration_judge_;
  Conversion made_;
};

}  // namespace podium::api
