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

}  // namespace

double OutputSums::sqnr_db() const noexcept {
  return noise > 0.0 ? 10.0 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

OutputSums sum_up(std::span<const Row> baseline, std::span<const Row> answers, std::size_t output) {
  OutputSums sums;
  const std::vector<double> mean = mean_output(baseline, output);
  for (std::size_t row = 0; row < baseline.size(); ++row) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      const double expected = static_cast<double>(baseline[row][output][i]);
      const double given = static_cast<double>(answers[row][output][i]);
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
  }
  return sums;
}

}  // namespace podium
