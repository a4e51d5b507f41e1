#include "accuracy/metric.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "podium/metrics.h"

namespace podium::accuracy {
namespace {

std::string shown_name(const MetricFacts& metric) {
  return metric.argument.empty() ? std::string(metric.name) : fmt::format("{}:{}", metric.name, metric.argument);
}

std::string names() {
  std::vector<std::string> all;
  for (const MetricFacts& metric : all_metrics()) all.push_back(shown_name(metric));
  return join(all, ", ");
}

/// Of a metric of the user's own: what stands behind its name.
Result<Metric> own_metric(const MetricFacts& metric, const std::string& argument) {
  const std::size_t colon = argument.find(':');
  const bool names_function = colon != std::string::npos && colon > 0 && colon + 1 < argument.size();
  const bool is_whole = metric.kind == MetricKind::python ? names_function : argument.find_first_not_of(' ') != std::string::npos;
  if (is_whole) return Metric{metric.kind, argument};
  return fail(ErrorCode::wrong_use, fmt::format("--metric: '{}:{}' names no {}", metric.name, printable(argument), metric.argument),
              fmt::format("write --metric '{}'", metric.kind == MetricKind::python ? "python:score:accuracy" : "command:python3 score.py"));
}

/// What is wrong with the labels for what a metric needs; empty where nothing is.
std::string label_fault(Needs needs, const Labels* labels, std::size_t samples) {
  if (needs == Needs::nothing) return {};
  if (labels == nullptr) return "there are no labels";
  const bool of_pairs = labels->rows() * 2 <= samples;
  switch (needs) {
    case Needs::classes:
      return labels->are_classes ? "" : "the labels are not numbers of classes";
    case Needs::numbers:
      return of_pairs ? "the labels are for pairs of samples" : "";
    case Needs::scores_of_pairs:
      return of_pairs ? "" : "the labels are for single samples, not for pairs";
    case Needs::nothing:
      break;
  }
  return {};
}

}  // namespace

const std::vector<MetricFacts>& all_metrics() {
  static const std::vector<MetricFacts> metrics{
      {MetricKind::top_1, "top-1", Needs::classes, true, true, {}, "share of samples whose highest score is the label's"},
      {MetricKind::top_5, "top-5", Needs::classes, true, true, {}, "share of samples whose five highest scores hold the label's"},
      {MetricKind::agreement, "agreement", Needs::nothing, true, true, 1.0,
       "share of samples whose highest score is where the baseline's is"},
      {MetricKind::cosine, "cosine", Needs::nothing, true, false, 1.0, "mean cosine of outputs (embeddings, logits) and the baseline's"},
      {MetricKind::sqnr,
       "sqnr",
       Needs::nothing,
       true,
       false,
       {},
       "signal to quantization noise in dB, the baseline's mean output taken away"},
      {MetricKind::max_error, "max-error", Needs::nothing, false, false, 0.0, "largest difference from the baseline's outputs"},
      {MetricKind::mean_error, "mean-error", Needs::nothing, false, false, 0.0, "mean difference from the baseline's outputs"},
      {MetricKind::mae, "mae", Needs::numbers, false, false, {}, "mean absolute error of the first output against the labels"},
      {MetricKind::rmse, "rmse", Needs::numbers, false, false, {}, "root of the mean squared error of the first output against the labels"},
      {MetricKind::similarity,
       "similarity",
       Needs::scores_of_pairs,
       true,
       false,
       {},
       "rank correlation of the cosine of each pair of embeddings with its label, a score by people"},
      {MetricKind::command,
       "command",
       Needs::nothing,
       true,
       false,
       {},
       "what a program of yours prints: it is given a folder of .npy files; more is better",
       "PROGRAM"},
      {MetricKind::python,
       "python",
       Needs::nothing,
       true,
       false,
       {},
       "what a Python function of yours returns for the outputs and labels, NumPy arrays; more is better",
       "MODULE:FUNCTION"},
  };
  return metrics;
}

const MetricFacts& facts_of(MetricKind kind) {
  return *std::find_if(all_metrics().begin(), all_metrics().end(), [kind](const MetricFacts& metric) { return metric.kind == kind; });
}

Result<Metric> parse_metric(const std::string& text) {
  std::vector<std::string> known;
  for (const MetricFacts& metric : all_metrics()) {
    const bool is_own = !metric.argument.empty();
    const std::string prefix = std::string(metric.name) + ":";
    if (is_own && text.starts_with(prefix)) return own_metric(metric, text.substr(prefix.size()));
    if (!is_own && metric.name == text) return Metric{metric.kind, {}};
    known.emplace_back(metric.name);
  }
  return fail(ErrorCode::wrong_use, fmt::format("--metric: '{}' is not known{}", printable(text), did_you_mean(text, known)),
              "choose from " + names());
}

Metric usual_metric(const Labels& labels, std::size_t samples) {
  if (labels.are_classes) return {MetricKind::top_1, {}};
  return {labels.rows() * 2 <= samples ? MetricKind::similarity : MetricKind::mae, {}};
}

Result<void> check_metric(const Metric& metric, const Labels* labels, std::size_t samples, std::optional<double> max_drop) {
  if (const std::string fault = label_fault(metric.facts().needs, labels, samples); !fault.empty()) {
    return fail(ErrorCode::wrong_use, fmt::format("--metric {} cannot be taken: {}", metric.name(), fault),
                "give labelled data (a labels.csv in the folder, --labels, or the key 'labels' of the .npz), or --metric agreement");
  }
  if (!max_drop) return {};
  if (metric.kind == MetricKind::sqnr)
    return fail(ErrorCode::wrong_use, "--max-drop: sqnr compares with the baseline, which has none, so nothing can drop",
                "choose another --metric, or leave out --max-drop");
  if (metric.facts().is_share && *max_drop >= 1.0)
    return fail(ErrorCode::wrong_use, fmt::format("--max-drop: {} is a share of samples and cannot drop by {}", metric.name(), *max_drop),
                "write one point as 1%");
  return {};
}

std::string amount(const MetricFacts& metric, double value) {
  return metric.is_share ? fmt::format("{:.1f} points", 100.0 * value) : fmt::format("{:.3g}", value);
}

}  // namespace podium::accuracy

namespace podium {

std::vector<MetricName> metric_names() {
  std::vector<MetricName> names;
  for (const accuracy::MetricFacts& metric : accuracy::all_metrics()) {
    const char* argument = metric.argument.empty() ? "" : ":";  // which the user adds
    names.push_back({std::string(metric.name) + argument, std::string(metric.help)});
  }
  return names;
}

}  // namespace podium
