#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"

namespace podium::accuracy {

enum class MetricKind { top_1, top_5, agreement, cosine, sqnr, max_error, mean_error, mae, rmse, similarity, command, python };

/// What a metric has to be given besides answers.
enum class Needs { nothing, classes, numbers, scores_of_pairs };

/// A row for each metric; parser, help and judge derive from it.
struct MetricFacts {
  MetricKind kind;
  std::string_view name;
  Needs needs = Needs::nothing;
  bool higher_is_better = true;
  bool is_share = false;               ///< of samples: 0 or 1 for each, and shown as percent
  std::optional<double> perfect = {};  ///< what the baseline has against itself, where answers are compared with the baseline's
  std::string_view help;               ///< a line
  std::string_view argument = {};      ///< what the user writes behind the name and a colon: "PROGRAM"
};
[[nodiscard]] const std::vector<MetricFacts>& all_metrics();
[[nodiscard]] const MetricFacts& facts_of(MetricKind kind);

struct Metric {
  MetricKind kind = MetricKind::top_1;
  std::string command;  ///< of MetricKind::command; of MetricKind::python MODULE:FUNCTION

  [[nodiscard]] const MetricFacts& facts() const { return facts_of(kind); }
  [[nodiscard]] std::string name() const { return std::string(facts().name); }
};

/// "top-1", "command:python score.py", "python:package.module:function". An unknown name is wrong_use.
[[nodiscard]] Result<Metric> parse_metric(const std::string& text);

/// What is asked where the user names no metric: top-1 for classes, the mean absolute error for numbers, similarity for scores of pairs.
[[nodiscard]] Metric usual_metric(const Labels& labels, std::size_t samples);

/// wrong_use where the labels are not what the metric needs, or the metric has no baseline that `max_drop` could be measured from.
[[nodiscard]] Result<void> check_metric(const Metric& metric, const Labels* labels, std::size_t samples, std::optional<double> max_drop);

/// A drop or value of that metric as people say it: "2.5 points", "0.0031".
[[nodiscard]] std::string amount(const MetricFacts& metric, double value);

}  // namespace podium::accuracy
