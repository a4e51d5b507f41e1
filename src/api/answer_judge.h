#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "convert/activations.h"
#include "core/output_sums.h"
#include "core/result.h"
#include "podium/results.h"
#include "search/gate.h"

namespace podium::api {

struct Judgement {
  OutputError error;
  std::optional<double> top1_agreement;  ///< nothing where the first output is no row of scores
};

/// Judges variants of a model by their answers to the same inputs, as the gate of a measurement does.
class AnswerJudge {
 public:
  /// Has the float model answer. `source` outlives the judge; its last batch may be filled up beyond `samples`.
  [[nodiscard]] static Result<AnswerJudge> create(const ::onnx::ModelProto& reference, convert::ActivationSource& source,
                                                  std::size_t samples);
  [[nodiscard]] Result<Judgement> judge(const ::onnx::ModelProto& candidate, Precision precision) const;

 private:
  AnswerJudge(convert::ActivationSource& source, std::size_t samples) : source_(source), samples_(samples) {}
  convert::ActivationSource& source_;
  std::size_t samples_;
  std::vector<Row> reference_;
  bool gives_scores_ = false;
};

}  // namespace podium::api
