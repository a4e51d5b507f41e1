#include "api/history_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/compared_runs.h"
#include "api/run_differences.h"
#include "core/text.h"
#include "measure/comparison.h"
#include "measure/location.h"
#include "measure/two_runs.h"

namespace podium::api {
namespace {

constexpr double alpha_of_all = 1.0 - measure::confidence;

bool may_count(CellStatus status) {
  return status == CellStatus::ok || status == CellStatus::partial;
}

/// Of a mean over units, on the scale of milliseconds.
std::optional<Interval> interval_of(const measure::Side& side) {
  if (side.n < 2) return std::nullopt;
  const double half =
      measure::t_quantile(static_cast<double>(side.n) - 1.0, measure::confidence) * std::sqrt(side.variance / static_cast<double>(side.n));
  return Interval{std::exp(side.mean - half), std::exp(side.mean + half)};
}

MeasuredCell measured(const Cell& cell) {
  MeasuredCell found;
  found.point.status = cell.status;
  found.point.reason = cell.reason;
  const auto launches = measure::launches_of_run(measure::log_medians(cell.blocks));
  if (!may_count(cell.status) || !launches || !std::isfinite(launches->mean)) return found;
  found.value = {launches->mean, launches->variance / static_cast<double>(launches->n)};
  found.point.ms = std::exp(launches->mean);
  found.point.ci95 = interval_of(*launches);
  found.point.launches = static_cast<std::int64_t>(launches->n);
  return found;
}

void drop_samples(Cell& cell) {
  if (cell.blocks.empty()) return;
  cell.blocks.assign(1, Block{});
}

/// Runs of one setup, and what became of one cell in them.
class LineOfCell {
 public:
  LineOfCell(const std::vector<RunFacts>& runs, std::vector<std::size_t> members, const std::string& id)
      : runs_(runs), members_(std::move(members)) {
    for (const std::size_t run : members_) {
      const auto found = runs_[run].measured.find(id);
      if (found == runs_[run].measured.end()) continue;
      line_.cell = *find_cell(runs_[run].results, id);
      line_.points.push_back(found->second.point);
      line_.points.back().run = static_cast<std::int64_t>(run);
      if (!found->second.point.ms) continue;
      values_.push_back(found->second.value);
      counted_.push_back(line_.points.size() - 1);
    }
    line_.cell.blocks.clear();
    const bool is_in_latest = !line_.points.empty() && line_.points.back().run == static_cast<std::int64_t>(members_.back());
    line_.breaks_now = !values_.empty() && is_in_latest && !may_count(line_.points.back().status);
    line_.missing_now = !line_.breaks_now && is_missing_in_latest(id);
  }

  [[nodiscard]] bool can_change() const noexcept { return values_.size() >= measure::fewest_runs; }

  HistoryLine take(double alpha) {
    const measure::Course course = measure::course_of(values_, alpha);
    for (std::size_t i = 0; i < counted_.size(); ++i) line_.points[counted_[i]].stands_alone = course.stands_alone[i];
    for (const measure::Level& level : course.levels) {
      line_.levels.push_back({run_of(level.first), run_of(level.last), static_cast<std::int64_t>(level.runs.n), std::exp(level.runs.mean),
                              interval_of(level.runs)});
    }
    for (const measure::ChangePoint& change : course.changes) line_.changes.push_back(told(change, course));
    if (course.drift)
      line_.drift = Ratio{std::exp(course.drift->over_all.value), measure::ratio_interval(course.drift->over_all, course.drift->alpha), 0};
    line_.hidden = measure::hidden_step(course, alpha);
    line_.course = !can_change()           ? CellCourse::too_few_runs
                   : line_.drift           ? CellCourse::drifts
                   : line_.changes.empty() ? CellCourse::steady
                                           : CellCourse::changed;
    return std::move(line_);
  }

 private:
  /// Told once, in the run from which on it is gone: a cell that was given up long ago is no news.
  [[nodiscard]] bool is_missing_in_latest(const std::string& id) const {
    if (members_.size() < 2) return false;
    const auto has_figure = [&](std::size_t run) {
      const auto found = runs_[run].measured.find(id);
      return found != runs_[run].measured.end() && found->second.point.ms.has_value();
    };
    return has_figure(members_[members_.size() - 2]) && !has_figure(members_.back());
  }

  [[nodiscard]] std::int64_t run_of(std::size_t value) const { return line_.points[counted_[value]].run; }

  [[nodiscard]] HistoryChange told(const measure::ChangePoint& change, const measure::Course& course) const {
    HistoryChange one;
    one.run = run_of(change.at);
    const auto before =
        std::find_if(course.levels.begin(), course.levels.end(), [&](const measure::Level& level) { return level.first == change.at; });
    one.run_before = run_of(std::prev(before)->last);
    one.change = change.difference.value < 0.0 ? CellChange::faster : CellChange::slower;
    const auto runs = std::min(std::prev(before)->runs.n, before->runs.n);
    one.ratio = {std::exp(change.difference.value), measure::ratio_interval(change.difference, change.alpha),
                 static_cast<std::int64_t>(runs)};
    one.what_changed = differences(one);
    return one;
  }

  [[nodiscard]] std::vector<Difference> differences(const HistoryChange& change) const {
    const Results& before = runs_[static_cast<std::size_t>(change.run_before)].results;
    const Results& after = runs_[static_cast<std::size_t>(change.run)].results;
    std::vector<Difference> all;
    for (const Hindrance& hindrance : hindrances(before, after)) all.push_back(hindrance.difference);
    add_new(all, what_changed(before, after));
    const Cell* old_cell = find_cell(before, line_.cell.id);
    const Cell* new_cell = find_cell(after, line_.cell.id);
    add_new(all, changed_defaults(*old_cell, *new_cell));
    return all;
  }

  const std::vector<RunFacts>& runs_;
  std::vector<std::size_t> members_;
  HistoryLine line_;
  std::vector<measure::RunValue> values_;
  std::vector<std::size_t> counted_;  ///< which points `values_` are of
};

std::vector<std::string> ids_in(const std::vector<RunFacts>& runs, const std::vector<std::size_t>& members) {
  std::vector<std::string> ids;
  for (const std::size_t run : members) {
    for (const Cell& cell : runs[run].results.cells) {
      if (std::find(ids.begin(), ids.end(), cell.id) == ids.end()) ids.push_back(cell.id);
    }
  }
  return ids;
}

}  // namespace

RunFacts facts_of(std::string file, Results results) {
  RunFacts facts;
  facts.file = std::move(file);
  facts.mark = mark_of(results);
  facts.load = load_of(results);
  for (Cell& cell : results.cells) {
    facts.measured.emplace(cell.id, measured(cell));
    facts.is_unfinished = facts.is_unfinished || cell.status == CellStatus::partial;
    drop_samples(cell);
  }
  facts.results = std::move(results);
  return facts;
}

std::vector<HistoryLine> lines_of(const std::vector<RunFacts>& runs, const std::vector<HistoryRun>& places) {
  std::vector<std::pair<std::int64_t, LineOfCell>> started;
  std::int64_t setups = 0;
  for (const HistoryRun& place : places) setups = std::max(setups, place.setup + 1);
  for (std::int64_t setup = 0; setup < setups; ++setup) {
    std::vector<std::size_t> members;
    for (std::size_t run = 0; run < runs.size(); ++run) {
      if (places[run].setup == setup) members.push_back(run);
    }
    for (const std::string& id : ids_in(runs, members)) started.emplace_back(setup, LineOfCell(runs, members, id));
  }
  const auto tested = std::count_if(started.begin(), started.end(), [](const auto& line) { return line.second.can_change(); });
  std::vector<HistoryLine> lines;
  for (auto& [setup, line] : started) {
    lines.push_back(line.take(alpha_of_all / static_cast<double>(std::max<std::ptrdiff_t>(1, tested))));
    lines.back().setup = setup;
  }
  return lines;
}

}  // namespace podium::api
