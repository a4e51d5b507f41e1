#include "report/history_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/name_table.h"
#include "core/text.h"
#include "report/course_drawing.h"
#include "report/document.h"
#include "report/figures.h"

namespace podium {
namespace {

constexpr std::pair<CellCourse, std::string_view> course_names[] = {
    {CellCourse::too_few_runs, "too_few_runs"},
    {CellCourse::steady, "steady"},
    {CellCourse::changed, "changed"},
    {CellCourse::drifts, "drifts"},
};

}  // namespace

std::string_view to_string(CellCourse course) noexcept {
  return name_in(course_names, course);
}

namespace report {
namespace {

constexpr std::size_t length_of_day = 10;
constexpr std::size_t length_of_minute = 16;

const HistoryRun& run_at(const History& history, std::int64_t run) {
  return history.runs[static_cast<std::size_t>(run)];
}

std::string day(const History& history, std::int64_t run) {
  return when(history, run).substr(0, length_of_day);
}

std::string verdict_of(const History& history, const HistoryLine& line) {
  if (line.breaks_now) return "broken now";
  if (line.missing_now) return "missing now";
  if (line.drift) return fmt::format("drifts: {} over all", change_figure(line.drift->value));
  if (!line.changes.empty())
    return fmt::format("{} since {}", change_figure(line.changes.back().ratio.value), day(history, line.changes.back().run));
  return line.course == CellCourse::steady ? "no change" : line.levels.empty() ? "not measured" : "too few runs";
}

HistoryRow row_of(const History& history, const HistoryLine& line) {
  HistoryRow row;
  row.line = &line;
  row.texts[line_cell] = printable(fmt::format("{} {}", line.cell.backend, to_string(line.cell.precision)));
  row.texts[line_runs] = std::to_string(line.points.size());
  row.texts[first_ms] = line.levels.empty() ? absent_figure : four_digits(line.levels.front().ms);
  row.texts[newest_ms] = line.levels.empty() ? absent_figure : four_digits(line.levels.back().ms);
  row.texts[line_course] = course_drawing(line);
  row.texts[line_verdict] = verdict_of(history, line);
  row.options = unusual_options(line.cell);
  return row;
}

HistoryTable& table_of(std::vector<HistoryTable>& tables, const History& history, const HistoryLine& line) {
  std::string heading = fmt::format("Batch {}", line.cell.batch);
  if (history.setups.size() > 1) heading += fmt::format(", setup {}", setup_mark(line.setup));
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const HistoryTable& table) { return table.heading == heading; });
  if (found != tables.end()) return *found;
  tables.push_back({std::move(heading), {}});
  return tables.back();
}

std::string differences_text(const std::vector<Difference>& differences) {
  std::vector<std::string> parts;
  for (const Difference& difference : differences)
    parts.push_back(printable(fmt::format("{} {} → {}", difference.what, difference.before, difference.after)));
  return join(parts, ", ");
}

/// "NAME: 10.2 % slower (7.9 % to 12.6 %) from 2026-11-03 10:31 on (run 9, FILE); openvino 2026.3 → 2026.4".
std::string change_sentence(const History& history, const HistoryLine& line, const HistoryChange& change) {
  std::string range;
  if (change.ratio.ci95) {
    const auto percent = [](double ratio) { return fmt::format("{:+.1f} %", 100.0 * (ratio - 1.0)); };
    range = fmt::format(" ({} to {})", percent(change.ratio.ci95->low), percent(change.ratio.ci95->high));
  }
  std::string text = fmt::format("{}: {}{} from {} on (run {}, {})", line_name(history, line), change_figure(change.ratio.value), range,
                                 when(history, change.run), change.run + 1, printable(run_at(history, change.run).file));
  return change.what_changed.empty() ? text + "; nothing that is recorded changed with it"
                                     : text + "; with it: " + differences_text(change.what_changed);
}

struct PlacedChange {
  const HistoryLine* line;
  const HistoryChange* change;
};

/// The newest first, the largest of a run first.
std::vector<PlacedChange> changes_of(const History& history) {
  std::vector<PlacedChange> all;
  for (const HistoryLine& line : history.lines) {
    for (const HistoryChange& change : line.changes) all.push_back({&line, &change});
  }
  std::stable_sort(all.begin(), all.end(), [](const PlacedChange& one, const PlacedChange& other) {
    if (one.change->run != other.change->run) return one.change->run > other.change->run;
    return std::abs(std::log(one.change->ratio.value)) > std::abs(std::log(other.change->ratio.value));
  });
  return all;
}

std::string counted(std::ptrdiff_t count, const char* what) {
  return fmt::format("{} cell{} {}", count, count == 1 ? "" : "s", what);
}

std::string headline_of(const History& history, const std::vector<PlacedChange>& changes) {
  const auto count = [&](auto test) { return std::count_if(history.lines.begin(), history.lines.end(), test); };
  const auto of_course = [&](CellCourse course) { return count([course](const HistoryLine& line) { return line.course == course; }); };
  std::vector<std::string> parts;
  if (const auto broken = count([](const HistoryLine& line) { return line.breaks_now; }); broken > 0)
    parts.push_back(counted(broken, broken == 1 ? "ran once and breaks now" : "ran once and break now"));
  if (const auto missing = count([](const HistoryLine& line) { return line.missing_now; }); missing > 0)
    parts.push_back(counted(missing, missing == 1 ? "is missing from the newest run" : "are missing from the newest run"));
  if (!changes.empty()) {
    const PlacedChange& newest = changes.front();
    parts.push_back(fmt::format("{}, most lately {}, {} since {}", counted(of_course(CellCourse::changed), "changed"),
                                line_name(history, *newest.line), change_figure(newest.change->ratio.value),
                                day(history, newest.change->run)));
  }
  if (const auto drifting = of_course(CellCourse::drifts); drifting > 0)
    parts.push_back(counted(drifting, drifting == 1 ? "drifts" : "drift"));
  if (const auto steady = of_course(CellCourse::steady); steady > 0) parts.push_back(counted(steady, "without change"));
  if (const auto few = of_course(CellCourse::too_few_runs); few > 0)
    parts.push_back(counted(few, few == 1 ? "has too few runs to tell" : "have too few runs to tell"));
  return parts.empty() ? "nothing was measured" : join(parts, "; ");
}

std::string title_of(const History& history) {
  std::set<std::string> models;
  for (const HistorySetup& setup : history.setups) models.insert(setup.model);
  const std::string first = day(history, 0);
  const std::string last = day(history, static_cast<std::int64_t>(history.runs.size()) - 1);
  return fmt::format("{}: {} runs, {}", join({models.begin(), models.end()}, ", "), history.runs.size(),
                     first == last ? first : fmt::format("{} to {}", first, last));
}

std::vector<std::string> setups_of(const History& history) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < history.setups.size(); ++i) {
    const HistorySetup& setup = history.setups[i];
    const std::string differences = differences_text(setup.against_first);
    std::string text =
        history.setups.size() > 1 ? fmt::format("setup {}: {}", setup_mark(static_cast<std::int64_t>(i)), setup.machine) : setup.machine;
    lines.push_back(differences.empty() ? text : text + " – " + differences);
  }
  return lines;
}

void tell_points(HistoryDocument& document, const History& history, const HistoryLine& line) {
  for (const HistoryPoint& point : line.points) {
    if (point.stands_alone) {
      document.alone.push_back(fmt::format("{}: {} ms on {} (run {}), off the runs before and after it", line_name(history, line),
                                           four_digits(*point.ms), when(history, point.run), point.run + 1));
    }
  }
  const HistoryPoint& newest = line.points.back();
  if (line.breaks_now) {
    const std::string reason = newest.reason.empty() ? "" : ": " + printable(newest.reason);
    document.broken.push_back(
        fmt::format("{} – {} in run {}{}", line_name(history, line), to_string(newest.status), newest.run + 1, reason));
  } else if (line.missing_now) {
    document.broken.push_back(fmt::format("{} – measured in the run before, and not in the newest", line_name(history, line)));
  }
}

bool is_slower_now(const HistoryLine& line) {
  return (line.drift && line.drift->value > 1.0) || (!line.changes.empty() && line.changes.back().change == CellChange::slower);
}

}  // namespace

std::string setup_mark(std::int64_t setup) {
  return setup < 26 ? std::string(1, static_cast<char>('A' + setup)) : std::to_string(setup + 1);
}

std::string when(const History& history, std::int64_t run) {
  std::string text = printable(run_at(history, run).started).substr(0, length_of_minute);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text.empty() ? fmt::format("run {}", run + 1) : text;
}

std::string line_name(const History& history, const HistoryLine& line) {
  const std::string name = fmt::format("{} at batch {}", short_name(line.cell), line.cell.batch);
  return history.setups.size() > 1 ? fmt::format("{}, setup {}", name, setup_mark(line.setup)) : name;
}

const HistoryLevel* level_of(const HistoryLine& line, const HistoryPoint& point) {
  if (!point.ms || point.stands_alone) return nullptr;
  const auto found = std::find_if(line.levels.begin(), line.levels.end(),
                                  [&](const HistoryLevel& level) { return level.first_run <= point.run && point.run <= level.last_run; });
  return found == line.levels.end() ? nullptr : &*found;
}

std::string change_figure(double ratio) {
  return fmt::format("{} {}", percent_off(ratio), ratio > 1.0 ? "slower" : "faster");
}

HistoryDocument make_document(const History& history) {
  HistoryDocument document;
  document.title = title_of(history);
  document.setups = setups_of(history);
  const std::vector<PlacedChange> changes = changes_of(history);
  document.headline = headline_of(history, changes);
  for (const PlacedChange& placed : changes) document.changes.push_back(change_sentence(history, *placed.line, *placed.change));
  for (const HistoryLine& line : history.lines) {
    document.is_worse = document.is_worse || line.breaks_now || line.missing_now || is_slower_now(line);
    table_of(document.tables, history, line).rows.push_back(row_of(history, line));
    tell_points(document, history, line);
  }
  document.notes = history.notes;
  return document;
}

}  // namespace report
}  // namespace podium
