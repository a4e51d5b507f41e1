#include "core/output_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace podium {
namespace {

std::vector<double> mean_output(std::span<const Row> rows, std::size_t output) {
  std::vector<double> mean(rows.front()[output].size(), 0.0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<double>(row[output][i]);
  }
  for (double& value : mean) value /= static_cast<double>(rows.size());
  return mean;
}

OutputSums sums_of_row(const std::vector<float>& baseline, const std::vector<float>& answers, const std::vector<double>& mean) {
  OutputSums sums;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double expected = static_cast<double>(baseline[i]);
    const double given = static_cast<double>(answers[i]);
    // Where the model itself yields an infinity or no number, the same from the candidate is right.
    if (!std::isfinite(expected) && (expected == given || (std::isnan(expected) && std::isnan(given)))) continue;
    if (!std::isfinite(given) || !std::isfinite(expected)) {
      sums.finite = false;
      continue;
    }
    const double error = given - expected;
    const double centred = expected - mean[i];
    if (std::isfinite(mean[i])) sums.signal += centred * centred;
    sums.total += expected * expected;
    sums.noise += error * error;
    sums.answer += given * given;
    sums.product += expected * given;
    sums.absolute += std::abs(error);
    sums.largest = std::max(sums.largest, std::abs(error));
    ++sums.count;
  }
  return sums;
}

}  // namespace

double OutputSums::sqnr_db() const noexcept {
  return noise > 0.0 ? 10.0 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

std::optional<double> OutputSums::cosine() const noexcept {
  return total > 0.0 && answer > 0.0 ? std::optional(product / std::sqrt(total * answer)) : std::nullopt;
}

OutputSums& OutputSums::operator+=(const OutputSums& other) noexcept {
  signal += other.signal;
  total += other.total;
  noise += other.noise;
  answer += other.answer;
  product += other.product;
  absolute += other.absolute;
  largest = std::max(largest, other.largest);
  count += other.count;
  finite = finite && other.finite;
  return *this;
}

std::vector<OutputSums> sums_of_rows(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output) {
  const std::vector<double> mean = mean_output(baseline, output);
  std::vector<OutputSums> all;
  all.reserve(baseline.size());
  for (std::size_t row = 0; row < baseline.size(); ++row) all.push_back(sums_of_row(baseline[row][output], answers[row][output], mean));
  return all;
}

OutputSums sum_up(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output) {
  OutputSums sums;
  for (const OutputSums& row : sums_of_rows(baseline, answers, output)) sums += row;
  return sums;
}

bool lengths_vary(std::span<const Row> rows, std::size_t output) {
  return std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row[output].size() != rows.front()[output].size(); });
}

}  // namespace podium
