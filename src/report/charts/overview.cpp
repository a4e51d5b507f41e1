#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"
#include "report/charts/charts.h"
#include "report/text_layout.h"

namespace podium::report {
namespace {

constexpr int width = 640;
constexpr std::size_t most_lines = 40;
constexpr std::size_t subtitle_columns = 120;

/// The colours and sizes of an image on white; a page takes its own from its style.
Json image_looks() {
  return Json::parse(R"({
    "background": "#ffffff", "padding": 16, "view": {"stroke": null},
    "title": {"anchor": "start", "fontSize": 15, "subtitleFontSize": 12, "subtitlePadding": 4, "color": "#1b1f24", "subtitleColor": "#555d66"},
    "axis": {"labelColor": "#555d66", "titleColor": "#1b1f24", "titleFontWeight": "normal", "gridColor": "#e4e7ea", "domainColor": "#c9ced4",
             "tickColor": "#c9ced4", "labelFontSize": 11, "titleFontSize": 12, "labelLimit": 300},
    "legend": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal"},
    "text": {"color": "#1b1f24", "fontSize": 11}, "rule": {"color": "#555d66"}})");
}

/// As the page's own script chooses them: so many of the first that have the figure.
std::vector<const Json*> cells_for(const ChartData& data, const Chart& chart) {
  std::vector<const Json*> cells;
  for (const Json& row : data.cells) {
    const bool wanted =
        row.contains(chart.needs) && (!chart.batch || row["batch"] == *chart.batch) && (!chart.cell || row["i"] == *chart.cell);
    if (wanted && cells.size() < most_lines) cells.push_back(&row);
  }
  return cells;
}

/// Where a chart has a row for each point of a line, and not for each cell: the key of those points in the cell's row; else null.
const char* points_of(const Chart& chart) {
  struct Kind {
    std::string_view data;
    const char* points;
  };
  constexpr Kind kinds[] = {{"history", "points"}, {"tried", "tried"}};
  const auto* const kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& one) { return one.data == chart.data; });
  return kind == std::end(kinds) ? nullptr : kind->points;
}

Json rows_for(const std::vector<const Json*>& cells, const char* points) {
  Json rows = Json::array();
  for (const Json* cell : cells) {
    if (points == nullptr) {
      rows.push_back(*cell);
      continue;
    }
    for (Json point : (*cell)[points]) {
      for (const char* key : {"name", "backend", "precision"}) point[key] = (*cell)[key];
      rows.push_back(std::move(point));
    }
  }
  return rows;
}

Json wrapped(const std::vector<std::string>& sentences) {
  Json lines = Json::array();
  for (const std::string& sentence : sentences) {
    for (std::string& line : wrap(sentence, subtitle_columns)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Json image_of(std::vector<Chart> charts, const ChartData& data, const std::string& title, const std::vector<std::string>& subtitle) {
  Json spec = {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"}, {"config", image_looks()}};
  spec["title"] = {{"text", title}, {"subtitle", wrapped(subtitle)}, {"offset", 16}};
  spec["vconcat"] = Json::array();
  for (Chart& chart : charts) {
    chart.spec.erase("autosize");
    chart.spec["width"] = width;
    const std::vector<const Json*> cells = cells_for(data, chart);
    if (chart.step > 0) chart.spec["height"] = chart.step * static_cast<int>(cells.size());
    chart.spec["title"] = {{"text", chart.title}, {"fontSize", 13}, {"frame", "group"}};
    chart.spec["data"] = {{"values", rows_for(cells, points_of(chart))}};
    spec["vconcat"].push_back(std::move(chart.spec));
  }
  spec["resolve"] = {{"scale", {{"color", "independent"}, {"shape", "independent"}, {"strokeDash", "independent"}}}};
  return spec;
}

Json overview(const ChartData& data, const std::string& title, const std::vector<std::string>& subtitle) {
  std::vector<Chart> charts;
  if (data.batches.size() > 1) charts.push_back(speed_chart(data));
  for (const std::int64_t batch : data.batches) {
    const bool has_ratios = has_figure(data, "times", batch);
    charts.push_back(has_ratios ? ratio_chart(data, batch) : times_chart(data, batch));
    if (has_figure(data, "per_s", batch)) charts.push_back(throughput_chart(data, batch));
    if (has_figure(data, "tried", batch)) charts.push_back(requests_chart(data, batch));
  }
  return image_of(std::move(charts), data, title, subtitle);
}

}  // namespace podium::report
