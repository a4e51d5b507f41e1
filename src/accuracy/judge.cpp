#include "accuracy/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "accuracy/proportions.h"
#include "accuracy/verdict.h"

namespace podium::accuracy {
namespace {

std::int64_t count_of(const std::vector<bool>& hits) {
  return std::count(hits.begin(), hits.end(), true);
}

Interval share_interval(const std::vector<bool>& hits) {
  return wilson(count_of(hits), static_cast<std::int64_t>(hits.size()));
}

}  // namespace

Result<Judge> Judge::make(const Question& question, std::vector<Row> baseline) {
  Judge judge(question, std::move(baseline));
  auto scores = judge.scores_of(judge.baseline_);
  if (!scores) return tl::unexpected(scores.error());
  judge.baseline_scores_ = std::move(*scores);
  return judge;
}

Result<Scores> Judge::scores_of(Rows answers) const {
  auto scores = score({question_->metric, answers, baseline_, question_->labels ? &*question_->labels : nullptr, question_->run_command});
  if (!scores || !std::isnan(scores->whole)) return scores;
  return fail(ErrorCode::bad_input, fmt::format("{} is no number for these answers", question_->metric.name()), "choose another --metric");
}

Accuracy Judge::figure_of(const Scores& scores) const {
  Accuracy accuracy;
  accuracy.metric = question_->metric.name();
  if (std::isfinite(scores.whole)) accuracy.value = scores.whole;
  accuracy.n = static_cast<std::int64_t>(scores.samples);
  accuracy.max_drop = question_->max_drop;
  if (!scores.hits.empty()) accuracy.ci95 = share_interval(scores.hits);
  return accuracy;
}

Accuracy Judge::of_baseline() const {
  Accuracy accuracy = figure_of(baseline_scores_);
  if (baseline_scores_.hits.empty() && baseline_scores_.figure)
    accuracy.ci95 = bootstrap(baseline_scores_.samples, baseline_scores_.figure, {}, {}, question_->seed).ci95;
  return accuracy;
}

Result<Accuracy> Judge::judge(Rows answers) const {
  const auto scores = scores_of(answers);
  if (!scores) return tl::unexpected(scores.error());
  Accuracy accuracy = figure_of(*scores);
  const MetricFacts& facts = question_->metric.facts();
  if (facts.perfect || facts.kind != MetricKind::sqnr) {
    accuracy.baseline = baseline_scores_.whole;
    accuracy.drop = facts.higher_is_better ? baseline_scores_.whole - scores->whole : scores->whole - baseline_scores_.whole;
  }
  compare(accuracy, *scores);
  if (facts.kind == MetricKind::top_1 || facts.kind == MetricKind::top_5) {
    const auto same = agreements(baseline_, answers);
    if (same) accuracy.agreement = static_cast<double>(count_of(*same)) / static_cast<double>(same->size());
    if (same) accuracy.agreement_ci95 = share_interval(*same);
  }
  decide(accuracy, facts);
  return accuracy;
}

/// Adds the test, the p-value and the bounds of the drop.
void Judge::compare(Accuracy& accuracy, const Scores& scores) const {
  const MetricFacts& facts = question_->metric.facts();
  if (!scores.hits.empty()) return compare_hits(accuracy, scores.hits);
  if (!scores.figure) return;
  // Against itself the baseline is perfect, whichever samples are drawn.
  Figure baseline = accuracy.drop ? baseline_scores_.figure : Figure{};
  if (facts.perfect) baseline = [perfect = *facts.perfect](std::span<const std::size_t>) { return perfect; };
  const double sign = facts.higher_is_better ? 1.0 : -1.0;
  const Bootstrap drawn = bootstrap(
      scores.samples, scores.figure, baseline, [sign](double cell, double base) { return sign * (base - cell); }, question_->seed);
  accuracy.ci95 = drawn.ci95;
  accuracy.drop_bounds = drawn.drop_bounds;
  if (!drawn.drop_bounds || facts.perfect) return;
  accuracy.test = "paired bootstrap";
  accuracy.p_value = drawn.p_value;
}

void Judge::compare_hits(Accuracy& accuracy, const std::vector<bool>& hits) const {
  Discordant discordant;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    discordant.lost += baseline_scores_.hits[i] && !hits[i] ? 1 : 0;
    discordant.gained += hits[i] && !baseline_scores_.hits[i] ? 1 : 0;
  }
  accuracy.drop_bounds = drop_bounds(discordant, accuracy.n);
  accuracy.lost = discordant.lost;
  accuracy.gained = discordant.gained;
  if (question_->metric.facts().perfect) return;
  accuracy.test = "McNemar, exact";
  accuracy.p_value = mcnemar_exact(discordant);
}

}  // namespace podium::accuracy
