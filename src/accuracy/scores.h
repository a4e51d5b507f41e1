#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "accuracy/bootstrap.h"
#include "accuracy/metric.h"
#include "accuracy/rows.h"
#include "core/result.h"

namespace podium::accuracy {

/// How one set of answers does by a metric.
struct Scores {
  std::size_t samples = 0;  ///< pairs, where the metric is of pairs
  Figure figure;            ///< of any samples; empty where only `whole` is known
  double whole = 0.0;       ///< of all samples
  std::vector<bool> hits;   ///< of each sample, where the metric is a share
};

/// Runs a metric of the user's own, a command or a Python function, on answers; see command_metric.h.
using RunCommand = std::function<Result<std::vector<double>>(const Metric& metric, Rows answers, const Labels* labels)>;

/// What a score is taken of. `baseline` has as many rows as `answers`, of the same lengths.
struct ScoreRequest {
  Metric metric;
  Rows answers;
  Rows baseline;
  const Labels* labels = nullptr;
  RunCommand run_command;
};

/// An error says why these answers have no such score: an output that is no vector of class scores, a label beyond them, a value that is no
/// number, a command that failed.
[[nodiscard]] Result<Scores> score(const ScoreRequest& request);

/// Share of samples whose highest score is where the baseline's is; nothing where outputs have one value only.
[[nodiscard]] Result<std::vector<bool>> agreements(Rows baseline, Rows answers);

/// Spearman's rank correlation; equal values share their mean rank. Not a number where one side is all equal.
[[nodiscard]] double rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace podium::accuracy
