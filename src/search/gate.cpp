#include "search/gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "core/output_sums.h"

namespace podium::search {
namespace {

constexpr std::array<PrecisionLimit, 6> limits{{
    {Precision::fp32, 50.0, 1e-5},
    {Precision::tf32, 30.0, 1e-3},
    {Precision::bf16, 15.0, 1e-2},
    {Precision::fp16, 30.0, 2e-3},
    {Precision::int8_dynamic, 10.0, 5e-2},
    {Precision::int8_static, 10.0, 5e-2},
}};

/// Below this share of the outputs' size nothing distinguishes one input's output from another's, in any precision.
constexpr double smallest_spread = 1e-6;
/// An error this many times the precision's own rounding is no rounding.
constexpr double rounding_margin = 10.0;
/// A share of answers that fit another input's output much better than their own.
constexpr double swapped_share = 0.25;

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

/// Of each row, the squared distance to the nearest one that differs from it.
std::vector<double> gaps(std::span<const Row> rows, std::size_t output) {
  std::vector<double> nearest(rows.size(), std::numeric_limits<double>::infinity());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t other = 0; other < row; ++other) {
      const double distance = squared_distance(rows[row][output], rows[other][output]);
      if (!(distance > 0.0)) continue;
      nearest[row] = std::min(nearest[row], distance);
      nearest[other] = std::min(nearest[other], distance);
    }
  }
  return nearest;
}

/// The share of answers that are far from their own baseline output, and so near to another input's that it can be no other's. Among few
/// numbers (two scores, say) noise alone brings an answer nearer to some other output than to its own, but hardly as near as that.
double share_fitting_others(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output, double signal_of_a_row) {
  constexpr double near = 0.25;  // of the squared distance: half as far
  const std::vector<double> gap = gaps(baseline, output);
  std::size_t swapped = 0;
  for (std::size_t row = 0; row < answers.size(); ++row) {
    const double own = squared_distance(answers[row][output], baseline[row][output]);
    if (own < 0.5 * signal_of_a_row) continue;
    for (std::size_t other = 0; other < baseline.size(); ++other) {
      if (other != row && squared_distance(answers[row][output], baseline[other][output]) < near * std::min(own, gap[other])) {
        ++swapped;
        break;
      }
    }
  }
  return static_cast<double>(swapped) / static_cast<double>(answers.size());
}

struct Judgement {
  Verdict verdict;
  std::string reason;
};

Judgement judge_output(const OutputSums& sums, std::span<const Row> baseline, std::span<const Row> answers, std::size_t output,
                       const PrecisionLimit& limit) {
  if (!sums.finite) return {Verdict::disagrees, "its outputs hold infinities or values that are not numbers where the baseline's do not"};
  const double sqnr_db = sums.sqnr_db();
  const double size = std::sqrt(sums.total);
  const double spread = size > 0.0 ? std::sqrt(sums.signal) / size : 0.0;
  const double error = size > 0.0 ? std::sqrt(sums.noise) / size : std::sqrt(sums.noise);
  if (error > std::max(rounding_margin * limit.rounding_noise, spread * std::pow(10.0, -limit.minimum_sqnr_db / 20.0))) {
    const std::string sqnr = std::isfinite(sqnr_db) ? fmt::format("SQNR {:.1f} dB, limit {:.0f} dB", sqnr_db, limit.minimum_sqnr_db)
                                                    : "the baseline's outputs are the same for every input";
    return {Verdict::disagrees, fmt::format("error is {:.2g} of the outputs' size, more than {} rounding explains ({})", error,
                                            to_string(limit.precision), sqnr)};
  }
  if (sums.count == 0) return {Verdict::cannot_judge, "the model's outputs hold no finite number, nor do these answers"};
  if (spread <= smallest_spread) {
    return {Verdict::cannot_judge,
            fmt::format("the model's outputs do not differ between the {} inputs, so nobody can tell a right answer from another input's",
                        baseline.size())};
  }
  if (sqnr_db >= limit.minimum_sqnr_db) return {Verdict::agrees, {}};
  const double faithful_db = 20.0 * std::log10(spread / limit.rounding_noise);
  if (faithful_db >= limit.minimum_sqnr_db) {
    return {Verdict::disagrees, fmt::format("SQNR {:.1f} dB is under the limit of {:.0f} dB for {}", sqnr_db, limit.minimum_sqnr_db,
                                            to_string(limit.precision))};
  }
  if (share_fitting_others(baseline, answers, output, sums.signal / static_cast<double>(baseline.size())) >= swapped_share) {
    return {Verdict::disagrees, "its answers fit other inputs better than their own"};
  }
  return {Verdict::cannot_judge,
          fmt::format("the model's outputs differ between inputs by {:.2g} of their size, too little to see past {} rounding", spread,
                      to_string(limit.precision))};
}

std::optional<std::string> shape_mismatch(std::span<const Row> baseline, std::span<const Row> answers) {
  if (baseline.empty() || baseline.size() != answers.size())
    return fmt::format("it answered {} of {} inputs", answers.size(), baseline.size());
  for (std::size_t row = 0; row < baseline.size(); ++row) {
    if (baseline[row].size() != answers[row].size())
      return fmt::format("it returned {} outputs, the baseline {}", answers[row].size(), baseline[row].size());
    for (std::size_t output = 0; output < baseline[row].size(); ++output) {
      if (baseline[row][output].size() != answers[row][output].size()) {
        return fmt::format("output {} holds {} values, the baseline's {}", output, answers[row][output].size(),
                           baseline[row][output].size());
      }
    }
  }
  return std::nullopt;
}

}  // namespace

const PrecisionLimit& limit_of(Precision precision) noexcept {
  return *std::find_if(limits.begin(), limits.end(), [&](const PrecisionLimit& limit) { return limit.precision == precision; });
}

OutputError judge(std::span<const Row> baseline, std::span<const Row> answers, Precision precision) {
  OutputError error;
  error.samples = static_cast<std::int64_t>(answers.size());
  if (const auto mismatch = shape_mismatch(baseline, answers)) {
    error.verdict = Verdict::disagrees;
    error.reason = *mismatch;
    return error;
  }
  const PrecisionLimit& limit = limit_of(precision);
  const auto severity = [](Verdict verdict) { return verdict == Verdict::disagrees ? 2 : verdict == Verdict::cannot_judge ? 1 : 0; };
  error.verdict = Verdict::agrees;
  error.cosine = 1.0;
  double worst_db = std::numeric_limits<double>::infinity();
  double mean_abs_sum = 0.0;
  std::size_t outputs_judged = 0;
  for (std::size_t output = 0; output < baseline.front().size(); ++output) {
    if (lengths_vary(baseline, output)) {
      error.verdict = std::max(error.verdict, Verdict::cannot_judge, [&](Verdict a, Verdict b) { return severity(a) < severity(b); });
      error.reason = fmt::format("output {} has another size for each input", output);
      continue;
    }
    const OutputSums sums = sum_up(baseline, answers, output);
    const Judgement judgement = judge_output(sums, baseline, answers, output, limit);
    if (severity(judgement.verdict) > severity(error.verdict)) {
      error.verdict = judgement.verdict;
      error.reason = judgement.reason;
    }
    worst_db = std::min(worst_db, sums.sqnr_db());
    error.max_abs = std::max(error.max_abs, sums.largest);
    mean_abs_sum += sums.count > 0 ? sums.absolute / static_cast<double>(sums.count) : 0.0;
    ++outputs_judged;
    error.cosine = std::min(error.cosine, sums.cosine().value_or(error.cosine));
  }
  if (std::isfinite(worst_db)) error.sqnr_db = worst_db;
  if (outputs_judged > 0) error.mean_abs = mean_abs_sum / static_cast<double>(outputs_judged);
  return error;
}

}  // namespace podium::search
