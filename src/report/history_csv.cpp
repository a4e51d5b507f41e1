#include "podium/history.h"
#include "report/csv_text.h"
#include "report/history_document.h"

namespace podium {
namespace {

using report::csv_number;
using report::csv_text;

const std::vector<std::string> headings{"run",         "started",      "file",     "id",       "backend",      "precision",
                                        "batch",       "device",       "setup",    "status",   "reason",       "median_ms",
                                        "ci95_low_ms", "ci95_high_ms", "launches", "level_ms", "begins_level", "stands_alone"};

std::string bound(const std::optional<Interval>& interval, double Interval::*member) {
  return interval ? csv_number((*interval).*member) : "";
}

std::string truth(bool value) {
  return value ? "true" : "false";
}

std::string line_of(const History& history, const HistoryLine& line, const HistoryPoint& point) {
  const HistoryRun& run = history.runs[static_cast<std::size_t>(point.run)];
  const HistoryLevel* level = report::level_of(line, point);
  const bool begins = level != nullptr && level != &line.levels.front() && level->first_run == point.run;
  return report::csv_line({csv_number(point.run + 1), csv_text(run.started), csv_text(run.file), csv_text(line.cell.id),
                           csv_text(line.cell.backend), std::string(to_string(line.cell.precision)), csv_number(line.cell.batch),
                           csv_text(line.cell.device), report::setup_mark(line.setup), std::string(to_string(point.status)),
                           csv_text(point.reason), csv_number(point.ms), bound(point.ci95, &Interval::low),
                           bound(point.ci95, &Interval::high), csv_number(point.launches), level == nullptr ? "" : csv_number(level->ms),
                           truth(begins), truth(point.stands_alone)});
}

}  // namespace

std::string to_csv(const History& history) {
  std::string whole = report::csv_line(headings);
  for (const HistoryLine& line : history.lines) {
    for (const HistoryPoint& point : line.points) whole += line_of(history, line, point);
  }
  return whole;
}

}  // namespace podium
