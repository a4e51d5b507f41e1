#include "measure/warm_up.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#include "measure/location.h"
#include "measure/statistics.h"

namespace podium::measure {
namespace {

/// Of six windows in random order, 12 of 720 look as much in order as this asks for. A false alarm costs one more window.
constexpr double trend_level = 0.02;
/// A trend of less over all windows is none that matters.
constexpr double smallest_trend = 0.005;
/// The two halves of the windows stand on two steps where they are further apart than this and than three times their own range.
constexpr double smallest_step = 0.02;

/// Pairs in ascending order less pairs in descending order.
std::int64_t kendall_score(std::span<const double> values) {
  std::int64_t score = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) score += (values[j] > values[i]) - (values[j] < values[i]);
  }
  return score;
}

/// Two-sided probability of so large a score of n values in random order, exact: permutations counted by their inversions, one element
/// after another. Ties make it larger than it is, which errs towards "no trend".
double kendall_p_value(std::size_t n, std::int64_t score) {
  std::vector<double> permutations{1.0};
  for (std::size_t size = 2; size <= n; ++size) {
    std::vector<double> next(permutations.size() + size - 1, 0.0);
    for (std::size_t inversions = 0; inversions < permutations.size(); ++inversions) {
      for (std::size_t more = 0; more < size; ++more) next[inversions + more] += permutations[inversions] / static_cast<double>(size);
    }
    permutations = std::move(next);
  }
  const auto pairs = static_cast<std::int64_t>(n * (n - 1) / 2);
  double p = 0.0;
  for (std::int64_t inversions = 0; inversions <= pairs; ++inversions) {
    if (std::abs(pairs - 2 * inversions) >= std::abs(score)) p += permutations[static_cast<std::size_t>(inversions)];
  }
  return p;
}

/// Sen's slope (1968), the median of the slopes of all pairs, over all windows and as a share of their median.
double relative_trend(std::span<const double> values) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
  }
  const double middle = median({values.begin(), values.end()});
  return middle > 0.0 ? median(std::move(slopes)) * static_cast<double>(values.size() - 1) / middle : 0.0;
}

bool has_trend(std::span<const double> values) {
  if (values.size() < 2) return false;
  return kendall_p_value(values.size(), kendall_score(values)) <= trend_level && std::abs(relative_trend(values)) >= smallest_trend;
}

/// A single jump leaves too many ties in order for a trend test of six values to see it.
bool has_step(std::span<const double> values) {
  if (values.size() < 4) return false;
  const auto range = [](std::span<const double> half) {
    const auto [low, high] = std::minmax_element(half.begin(), half.end());
    return *high - *low;
  };
  for (std::size_t cut = 2; cut + 2 <= values.size(); ++cut) {
    const auto before = values.first(cut);
    const auto after = values.subspan(cut);
    const double step = std::abs(mean_of(after) - mean_of(before));
    if (step > smallest_step * mean_of(before) && step > 3.0 * std::max(range(before), range(after))) return true;
  }
  return false;
}

}  // namespace

void WarmUpWatch::add_window(const std::vector<double>& call_ns, std::int64_t iterations, std::chrono::nanoseconds took) {
  iterations_ += iterations;
  took_ += took;
  if (!call_ns.empty()) medians_ns_.push_back(median(call_ns));
}

bool WarmUpWatch::is_over() const {
  if (took_ >= rule_.longest) return true;
  return iterations_ >= rule_.fewest_iterations && took_ >= rule_.shortest && is_steady();
}

bool WarmUpWatch::is_steady() const {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(rule_.windows, 1));
  // A cell whose calls take seconds has fewer windows by the time it must start: those it has must do.
  if (medians_ns_.size() < wanted && took_ < rule_.longest) return false;
  const auto windows = std::span(medians_ns_).last(std::min(wanted, medians_ns_.size()));
  return !windows.empty() && !has_trend(windows) && !has_step(windows);
}

std::chrono::nanoseconds WarmUpWatch::call_time() const {
  return std::chrono::nanoseconds(medians_ns_.empty() ? 0 : std::llround(medians_ns_.back()));
}

WarmUp WarmUpWatch::summary() const {
  WarmUp summary{iterations_, std::chrono::duration<double>(took_).count(), is_steady(), {}};
  for (const double value : medians_ns_) summary.trace_ms.push_back(value / 1e6);
  return summary;
}

void keep_worse(std::optional<WarmUp>& kept, WarmUp latest) {
  if (!kept || (kept->steady && !latest.steady)) kept = std::move(latest);
}

}  // namespace podium::measure
