#include "measure/change_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/comparison.h"
#include "measure/segmentation.h"
#include "measure/statistics.h"

namespace podium::measure {
namespace {

constexpr std::size_t neighbours = 3;
constexpr double alone_from_deviations = 5.0;
constexpr double alone_from_steps = 2.0;
/// Of a normal distribution, the median of the absolute value.
constexpr double median_of_absolute = 0.6744897501960817;
/// Squared deviation for each run that no model is praised for going under: a hundredth of a percent.
constexpr double finest = 1e-8;

double median_of_values(std::span<const RunValue> runs) {
  std::vector<double> values;
  for (const RunValue& run : runs) values.push_back(run.value);
  return median(std::move(values));
}

/// Deviation of a run, from the differences of neighbours: a level that changes is in one of them only.
double robust_deviation(std::span<const RunValue> runs) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < runs.size(); ++i) steps.push_back(std::abs(runs[i].value - runs[i - 1].value));
  return median(std::move(steps)) / median_of_absolute / std::sqrt(2.0);
}

/// Changes at `splits`, each between its neighbours; alpha is shared among the places between those.
std::vector<ChangePoint> changes_at(const RunSums& sums, const std::vector<std::size_t>& splits, double alpha) {
  std::vector<ChangePoint> changes;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const std::size_t first = i == 0 ? 0 : splits[i - 1];
    const std::size_t end = i + 1 == splits.size() ? sums.size() : splits[i + 1];
    changes.push_back({splits[i], welch(sums.side(first, splits[i]), sums.side(splits[i], end)),
                       alpha / static_cast<double>(std::max<std::size_t>(1, places_between(first, end)))});
  }
  return changes;
}

/// Each split where the two levels beside it deviate least.
void settle(const RunSums& sums, std::vector<std::size_t>& splits) {
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const std::size_t first = i == 0 ? 0 : splits[i - 1];
    const std::size_t end = i + 1 == splits.size() ? sums.size() : splits[i + 1];
    splits[i] = best_place(sums, first, end);
  }
}

/// The search judges a change within some stretch; here it must hold between the levels that are told. The weakest goes first.
std::vector<ChangePoint> confirmed_changes(const RunSums& sums, std::vector<std::size_t> splits, double alpha) {
  while (!splits.empty()) {
    settle(sums, splits);
    std::vector<ChangePoint> changes = changes_at(sums, splits, alpha);
    const auto excess = [](const ChangePoint& change) { return p_beyond_margin(change.difference) / change.alpha; };
    const auto weakest =
        std::max_element(changes.begin(), changes.end(), [&](const auto& one, const auto& other) { return excess(one) < excess(other); });
    if (excess(*weakest) <= 1.0) return changes;
    splits.erase(splits.begin() + (weakest - changes.begin()));
  }
  return {};
}

/// A least-squares line over the positions of the runs.
struct Line {
  double slope = 0.0;
  double slope_error = 0.0;
  double deviance = 0.0;
};

Line line_through(const std::vector<RunValue>& runs, const std::vector<std::size_t>& positions) {
  const auto n = static_cast<double>(runs.size());
  double x_mean = 0.0;
  double y_mean = 0.0;
  double own = 0.0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    x_mean += static_cast<double>(positions[i]) / n;
    y_mean += runs[i].value / n;
    own += runs[i].variance / n;
  }
  double xx = 0.0;
  double xy = 0.0;
  double yy = 0.0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double x = static_cast<double>(positions[i]) - x_mean;
    const double y = runs[i].value - y_mean;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  Line line{xy / xx, 0.0, std::max({0.0, yy - xy * xy / xx, own * (n - 2.0)})};
  line.slope_error = std::sqrt(line.deviance / (n - 2.0) / xx);
  return line;
}

/// Schwarz's criterion (1978): less is better.
double criterion(double deviance, double runs, std::size_t parameters) {
  return runs * std::log(deviance / runs + finest) + static_cast<double>(parameters) * std::log(runs);
}

double criterion_of_levels(const RunSums& sums, const std::vector<ChangePoint>& changes) {
  double deviance = 0.0;
  std::size_t first = 0;
  for (const ChangePoint& change : changes) {
    deviance += sums.deviance(first, change.at);
    first = change.at;
  }
  deviance += sums.deviance(first, sums.size());
  return criterion(deviance, static_cast<double>(sums.size()), 2 * changes.size() + 1);
}

/// A drift is told where its line is sure to rise or fall by over 1 %, and tells the course better than the levels found and than any two.
std::optional<Drift> find_drift(const RunSums& sums, const Line& line, std::size_t length, const std::vector<ChangePoint>& changes,
                                double alpha) {
  const auto n = static_cast<double>(sums.size());
  const Drift drift{{line.slope * static_cast<double>(length), line.slope_error * static_cast<double>(length), n - 2.0}, alpha};
  if (p_beyond_margin(drift.over_all) > alpha) return std::nullopt;
  const double of_line = criterion(line.deviance, n, 2);
  const ChangePoint only{best_place(sums, 0, sums.size()), {}, 0.0};
  if (of_line >= criterion_of_levels(sums, {only}) || of_line >= criterion_of_levels(sums, changes)) return std::nullopt;
  return drift;
}

void add_levels(Course& course, const RunSums& sums, const std::vector<std::size_t>& positions) {
  std::size_t first = 0;
  for (std::size_t i = 0; i <= course.changes.size(); ++i) {
    const std::size_t end = i < course.changes.size() ? course.changes[i].at : sums.size();
    course.levels.push_back({positions[first], positions[end - 1], sums.side(first, end)});
    first = end;
  }
}

}  // namespace

std::vector<bool> runs_that_stand_alone(std::span<const RunValue> runs) {
  std::vector<bool> alone(runs.size(), false);
  if (runs.size() < fewest_runs) return alone;
  const double far = std::max(alone_from_deviations * robust_deviation(runs), std::log1p(equivalence_margin));
  for (std::size_t i = 2; i + 2 < runs.size(); ++i) {
    const std::size_t reach = std::min(neighbours, i);
    const double before = median_of_values(runs.subspan(i - reach, reach));
    const double after = median_of_values(runs.subspan(i + 1, std::min(neighbours, runs.size() - i - 1)));
    const double above = std::min(runs[i].value - before, runs[i].value - after);
    const double below = std::min(before - runs[i].value, after - runs[i].value);
    alone[i] = std::max(above, below) > std::max(far, alone_from_steps * std::abs(before - after));
  }
  return alone;
}

Course course_of(std::span<const RunValue> runs, double alpha) {
  Course course;
  course.stands_alone = runs_that_stand_alone(runs);
  std::vector<RunValue> kept;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (course.stands_alone[i]) continue;
    kept.push_back(runs[i]);
    positions.push_back(i);
  }
  if (kept.empty()) return course;
  const RunSums sums(kept);
  if (kept.size() >= fewest_runs) {
    // Two questions, half of the false alarms for each.
    course.changes = confirmed_changes(sums, find_splits(sums, 0.5 * alpha), 0.5 * alpha);
    course.drift = find_drift(sums, line_through(kept, positions), positions.back() - positions.front(), course.changes, 0.5 * alpha);
    if (course.drift) course.changes.clear();
  }
  add_levels(course, sums, positions);
  for (ChangePoint& change : course.changes) change.at = positions[change.at];
  return course;
}

double hidden_step(const Course& course, double alpha) {
  constexpr double all = std::numeric_limits<double>::infinity();
  std::size_t runs = 0;
  double degrees = 0.0;
  double squares = 0.0;
  for (const Level& level : course.levels) {
    const double own = static_cast<double>(level.runs.n) - 1.0;
    runs += level.runs.n;
    degrees += own;
    squares += own * level.runs.variance;
  }
  if (runs < fewest_runs || degrees <= 0.0) return all;
  const double variance = squares / degrees;
  // A level that has only begun is looked at as if it were long enough: its next runs make it so.
  const std::size_t newest = course.levels.back().runs.n;
  const std::size_t before = std::max(newest, fewest_runs) - shortest_level;
  const LogDifference step = welch({0.0, variance, before}, {0.0, variance, shortest_level});
  const auto places = static_cast<double>(places_between(0, before + shortest_level));
  const auto interval = ratio_interval(step, 0.5 * alpha / places);
  return interval ? interval->high - 1.0 : all;
}

}  // namespace podium::measure
