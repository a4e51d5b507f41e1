#include "measure/segmentation.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace podium::measure {
namespace {

struct Stretch {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// The whole, then ever shorter stretches of equal length, evenly spread with three quarters of each in the next: one of them holds a
/// change and no other, whose levels would look like noise.
std::vector<Stretch> seeded_stretches(Stretch whole) {
  std::vector<Stretch> all{whole};
  const std::size_t length = whole.end - whole.first;
  for (std::size_t parts = 2; length / parts >= fewest_runs; parts *= 2) {
    const std::size_t size = (length + parts - 1) / parts;
    const std::size_t count = 4 * (parts - 1) + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = whole.first + i * (length - size) / (count - 1);
      all.push_back({first, first + size});
    }
  }
  return all;
}

struct Candidate {
  std::size_t place = 0;
  double p_value = 1.0;
  double weight = 0.0;  ///< squared deviations that it explains: chooses among those that are equally sure
};

bool is_surer(const Candidate& one, const Candidate& other) {
  return one.p_value < other.p_value || (one.p_value <= other.p_value && one.weight > other.weight);
}

Candidate look_at(const RunSums& sums, Stretch stretch, std::size_t place) {
  const LogDifference difference = welch(sums.side(stretch.first, place), sums.side(place, stretch.end));
  const auto [n, m] = std::pair{static_cast<double>(place - stretch.first), static_cast<double>(stretch.end - place)};
  return {place, p_beyond_margin(difference), difference.value * difference.value * n * m / (n + m)};
}

/// Splits a stretch at its surest change, and both sides again.
void split(const RunSums& sums, Stretch whole, double alpha, std::vector<std::size_t>& splits) {
  Candidate best;
  std::size_t tried = 0;
  for (const Stretch& stretch : seeded_stretches(whole)) {
    for (std::size_t place = stretch.first + shortest_level; place + shortest_level <= stretch.end; ++place) {
      const Candidate candidate = look_at(sums, stretch, place);
      if (tried++ == 0 || is_surer(candidate, best)) best = candidate;
    }
  }
  if (tried == 0 || best.p_value * static_cast<double>(tried) > alpha) return;
  split(sums, {whole.first, best.place}, alpha, splits);
  splits.push_back(best.place);
  split(sums, {best.place, whole.end}, alpha, splits);
}

}  // namespace

RunSums::RunSums(std::span<const RunValue> runs) : origin_(runs.empty() ? 0.0 : runs.front().value) {
  for (std::vector<double>* sums : {&values_, &squares_, &variances_}) sums->assign(1, 0.0);
  for (const RunValue& run : runs) {
    const double value = run.value - origin_;
    values_.push_back(values_.back() + value);
    squares_.push_back(squares_.back() + value * value);
    variances_.push_back(variances_.back() + run.variance);
  }
}

Side RunSums::side(std::size_t first, std::size_t end) const {
  const auto n = static_cast<double>(end - first);
  Side side{origin_ + (values_[end] - values_[first]) / n, 0.0, end - first};
  if (side.n > 1) side.variance = deviance(first, end) / (n - 1.0);
  return side;
}

double RunSums::deviance(std::size_t first, std::size_t end) const {
  const auto n = static_cast<double>(end - first);
  const double sum = values_[end] - values_[first];
  const double own = (variances_[end] - variances_[first]) / n * (n - 1.0);
  return std::max({0.0, squares_[end] - squares_[first] - sum * sum / n, own});
}

std::size_t places_between(std::size_t first, std::size_t end) {
  return end - first < fewest_runs ? 0 : end - first - fewest_runs + 1;
}

std::size_t best_place(const RunSums& sums, std::size_t first, std::size_t end) {
  std::size_t best = first + shortest_level;
  double least = sums.deviance(first, best) + sums.deviance(best, end);
  for (std::size_t place = best + 1; place + shortest_level <= end; ++place) {
    const double deviance = sums.deviance(first, place) + sums.deviance(place, end);
    if (deviance < least) std::tie(best, least) = std::pair{place, deviance};
  }
  return best;
}

std::vector<std::size_t> find_splits(const RunSums& sums, double alpha) {
  std::vector<std::size_t> splits;
  split(sums, {0, sums.size()}, alpha, splits);
  return splits;
}

}  // namespace podium::measure
