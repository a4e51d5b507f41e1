#include "report/charts/history_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"
#include "report/charts/chart_parts.h"
#include "report/document.h"
#include "report/history_document.h"

namespace podium::report {
namespace {

/// Charts of single lines: more would make a page that nobody scrolls through.
constexpr std::size_t most_line_charts = 60;
constexpr std::size_t most_lines_together = 40;

/// A name of its own for each run on the axis, which shows the day, or the minute where all were on one day.
std::string place_of(const History& history, std::int64_t run) {
  return fmt::format("{} run {}", when(history, run), run + 1);
}

const char* shown_part(const History& history) {
  const std::string first = when(history, 0);
  const std::string last = when(history, static_cast<std::int64_t>(history.runs.size()) - 1);
  const bool has_times = first.find(':') != std::string::npos && last.find(':') != std::string::npos;
  if (!has_times) return "datum.label";
  return first.substr(0, 10) == last.substr(0, 10) ? "slice(datum.label, 11, 16)" : "slice(datum.label, 0, 10)";
}

Json run_axis(const History& history) {
  Json places = Json::array();
  for (std::size_t run = 0; run < history.runs.size(); ++run) places.push_back(place_of(history, static_cast<std::int64_t>(run)));
  return {{"field", "at"},
          {"type", "ordinal"},
          {"title", nullptr},
          {"scale", {{"domain", std::move(places)}}},
          {"axis", {{"labelAngle", 0}, {"labelOverlap", true}, {"labelExpr", shown_part(history)}, {"grid", false}}}};
}

Json point_row(const History& history, const HistoryLine& line, const HistoryPoint& point) {
  const double first = line.levels.front().ms;
  Json row = {{"at", place_of(history, point.run)},
              {"ms", rounded(*point.ms)},
              {"relative", rounded(*point.ms / first)},
              {"kind", point.stands_alone ? "stands alone" : "run"}};
  if (point.ci95) {
    row["lo"] = rounded(std::max(point.ci95->low, *point.ms / 4.0));
    row["hi"] = rounded(std::min(point.ci95->high, *point.ms * 4.0));
  }
  if (const HistoryLevel* level = level_of(line, point); level != nullptr && !line.drift) {
    row["level"] = rounded(level->ms);
    row["stretch"] = level - line.levels.data();
  }
  for (const HistoryChange& change : line.changes) {
    if (change.run != point.run) continue;
    row["change"] = change_figure(change.ratio.value);
    row["is_late"] = 2 * static_cast<std::size_t>(point.run) > history.runs.size();
    row["turn"] = (&change - line.changes.data()) % 2;
  }
  return row;
}

/// Where the line of a drift begins and ends; on a logarithmic axis it is straight.
void put_drift(Json& points, const HistoryLine& line) {
  if (!line.drift || points.size() < 2) return;
  const double half = std::sqrt(line.drift->value);
  points.front()["drift"] = rounded(line.levels.front().ms / half);
  points.back()["drift"] = rounded(line.levels.front().ms * half);
}

Json row_of(const History& history, std::size_t index) {
  const HistoryLine& line = history.lines[index];
  Json row = {{"i", index},
              {"name", short_name(line.cell)},
              {"backend", printable(line.cell.backend)},
              {"precision", to_string(line.cell.precision)},
              {"batch", line.cell.batch},
              {"setup", setup_mark(line.setup)}};
  if (history.setups.size() > 1) row["name"] = fmt::format("{}, setup {}", short_name(line.cell), setup_mark(line.setup));
  if (line.levels.empty()) return row;
  Json points = Json::array();
  for (const HistoryPoint& point : line.points) {
    if (point.ms) points.push_back(point_row(history, line, point));
  }
  put_drift(points, line);
  row["points"] = std::move(points);
  return row;
}

Json only(const char* test) {
  return Json::array({{{"filter", test}}});
}

Chart together_chart(const History& history, const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("history-b{}", batch);
  chart.title = fmt::format("All cells against their first level, batch {}", batch);
  chart.about = "Time of each run ÷ mean time of the cell's first level, logarithmic; higher is slower. Diamonds: a new level begins.";
  chart.batch = batch;
  chart.data = "history";
  chart.needs = "points";
  chart.limit = most_lines_together;
  chart.first = "first";
  chart.spec = chart_of_height(320);
  chart.spec["data"] = {{"name", chart.data}};
  const Json colour = backend_colour(data.backends, Legend::shown);
  chart.spec["encoding"] = {
      {"x", run_axis(history)}, {"y", log_scale("relative", "÷ first level", 16)}, {"color", colour}, {"detail", {{"field", "name"}}}};
  Json lines = {{"mark", {{"type", "line"}, {"strokeWidth", 1.5}}},
                {"transform", only("datum.kind === 'run'")},
                {"encoding", {{"strokeDash", precision_dash(data.precisions, Legend::shown)}}}};
  Json points = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 18}, {"opacity", 1}}},
      {"encoding",
       {{"tooltip", tooltip({{"name", "cell"}, {"at", "run"}, {"ms", "ms"}, {"relative", "÷ first level"}, {"kind", "kind"}})}}}};
  Json changes = {{"mark", {{"type", "point"}, {"filled", true}, {"shape", "diamond"}, {"size", 130}, {"opacity", 1}}},
                  {"transform", only("isValid(datum.change)")},
                  {"encoding", {{"tooltip", tooltip({{"name", "cell"}, {"at", "run"}, {"change", "from here on"}, {"ms", "ms"}})}}}};
  chart.spec["layer"] = {lines, points, changes};
  return chart;
}

/// What stands beside the rule of a change, on the side where there is room, by turns in two heights: neighbours must not write over each
/// other.
Json change_text(bool is_late) {
  return {{"mark",
           {{"type", "text"},
            {"align", is_late ? "right" : "left"},
            {"dx", is_late ? -5 : 5},
            {"baseline", "top"},
            {"dy", {{"expr", "datum.turn * 13"}}},
            {"fontWeight", 600}}},
          {"transform", only(is_late ? "isValid(datum.change) && datum.is_late" : "isValid(datum.change) && !datum.is_late")},
          {"encoding", {{"y", {{"value", 0}}}, {"text", {{"field", "change"}}}}}};
}

Chart line_chart(const History& history, const ChartData& data, const Json& row) {
  const HistoryLine& line = history.lines[row["i"].get<std::size_t>()];
  Chart chart;
  chart.id = fmt::format("course-{}", row["i"].get<std::size_t>());
  chart.title = line_name(history, line);
  chart.about = line.drift
                    ? "Milliseconds of each run, logarithmic, with the 95 % interval over its launches. Dashed: the drift."
                    : "Milliseconds of each run, logarithmic, with the 95 % interval over its launches. Bars: levels. Dashed: a new level "
                      "begins. Crosses stand alone.";
  chart.batch = line.cell.batch;
  chart.cell = row["i"].get<std::int64_t>();
  chart.data = "history";
  chart.needs = "points";
  chart.spec = chart_of_height(200);
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"x", run_axis(history)}};
  const Json colour = backend_colour(data.backends, Legend::hidden);
  const Json milliseconds = log_scale("ms", "ms", 24);
  Json intervals = {{"mark", {{"type", "rule"}, {"strokeWidth", 1.5}}},
                    {"transform", only("isValid(datum.lo)")},
                    {"encoding", {{"y", {{"field", "lo"}, {"type", "quantitative"}}}, {"y2", {{"field", "hi"}}}, {"color", colour}}}};
  Json levels = {
      {"mark", {{"type", "line"}, {"strokeWidth", 5}, {"opacity", 0.45}, {"strokeCap", "round"}}},
      {"transform", only("isValid(datum.level)")},
      {"encoding", {{"y", {{"field", "level"}, {"type", "quantitative"}}}, {"detail", {{"field", "stretch"}}}, {"color", colour}}}};
  Json drift = {{"mark", {{"type", "line"}, {"strokeDash", {6, 4}}}},
                {"transform", only("isValid(datum.drift)")},
                {"encoding", {{"y", {{"field", "drift"}, {"type", "quantitative"}}}, {"color", colour}}}};
  Json points = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 45}, {"opacity", 1}}},
      {"encoding",
       {{"y", milliseconds},
        {"color", colour},
        {"shape",
         {{"field", "kind"},
          {"type", "nominal"},
          {"legend", nullptr},
          {"scale", {{"domain", {"run", "stands alone"}}, {"range", {"circle", "cross"}}}}}},
        {"tooltip", tooltip({{"at", "run"}, {"ms", "ms"}, {"lo", "95 % from"}, {"hi", "to"}, {"level", "level, ms"}, {"kind", "kind"}})}}}};
  Json rules = {
      {"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}}}, {"transform", only("isValid(datum.change)")}, {"encoding", Json::object()}};
  chart.spec["layer"] = {levels, drift, intervals, points, rules, change_text(false), change_text(true)};
  return chart;
}

}  // namespace

ChartData history_data(const History& history) {
  ChartData data;
  std::vector<std::size_t> order(history.lines.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
    const CellCourse course = history.lines[i].course;
    return course == CellCourse::changed || course == CellCourse::drifts;
  });
  std::set<std::string> backends;
  std::set<std::string> precisions;
  std::set<std::int64_t> batches;
  for (const std::size_t i : order) {
    const Cell& cell = history.lines[i].cell;
    data.cells.push_back(row_of(history, i));
    backends.insert(printable(cell.backend));
    precisions.insert(std::string(to_string(cell.precision)));
    batches.insert(cell.batch);
  }
  data.backends.assign(backends.begin(), backends.end());
  data.precisions.assign(precisions.begin(), precisions.end());
  data.batches.assign(batches.begin(), batches.end());
  return data;
}

std::vector<Chart> history_charts(const History& history, const ChartData& data) {
  std::vector<Chart> charts;
  for (const std::int64_t batch : data.batches) {
    if (has_figure(data, "points", batch)) charts.push_back(together_chart(history, data, batch));
  }
  const std::size_t limit = charts.size() + most_line_charts;
  for (const Json& row : data.cells) {
    if (row.contains("points") && charts.size() < limit) charts.push_back(line_chart(history, data, row));
  }
  return charts;
}

}  // namespace podium::report
