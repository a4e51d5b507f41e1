#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"
#include "podium/compare.h"
#include "report/charts/chart_parts.h"
#include "report/comparison_document.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/html/sections.h"

namespace podium {
namespace report {
namespace {

constexpr std::size_t most_rows = 60;

/// Colours as in the charts of engines: they can be told apart by everybody. The words of `change` stand beside each point.
Json change_colour() {
  return {{"field", "change"},
          {"type", "nominal"},
          {"scale", {{"domain", {"faster", "slower", "tied"}}, {"range", {"#009e73", "#d55e00", "#8a8a8a"}}}},
          {"legend", nullptr}};
}

Json row_of(const CellComparison& compared, std::size_t index) {
  Json row = {{"i", index},
              {"name", short_name(compared.cell)},
              {"backend", printable(compared.cell.backend)},
              {"precision", to_string(compared.cell.precision)},
              {"batch", compared.cell.batch},
              {"change", to_string(compared.change)}};
  const bool is_figure = compared.ratio && compared.corrected && std::isfinite(compared.ratio->value) && compared.ratio->value > 0.0;
  if (!is_figure) return row;
  const Interval interval = drawn_interval(compared.ratio->value, compared.corrected);
  row["ratio"] = rounded(compared.ratio->value);
  row["lo"] = rounded(interval.low);
  row["hi"] = rounded(interval.high);
  row["label"] = fmt::format("{:.3f} {}", compared.ratio->value, to_string(compared.change));
  return row;
}

Chart change_chart(const std::vector<std::string>& precisions, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("change-b{}", batch);
  chart.title = fmt::format("Time after ÷ time before, batch {}", batch);
  chart.about =
      "Ratio with its interval, corrected for the number of cells (Holm) and drawn to four times the figure at most, logarithmic; left of "
      "the dashed line is faster than "
      "before.";
  chart.batch = batch;
  chart.needs = "ratio";
  chart.limit = most_rows;
  chart.step = 22;
  chart.spec = chart_of_lines();
  chart.spec["data"] = {{"name", chart.data}};
  const Json names = name_lines();
  Json one = {{"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}}}, {"encoding", {{"x", {{"datum", 1}, {"type", "quantitative"}}}}}};
  Json intervals = {
      {"mark", {{"type", "rule"}, {"strokeWidth", 2}}},
      {"encoding",
       {{"y", names}, {"x", {{"field", "lo"}, {"type", "quantitative"}}}, {"x2", {{"field", "hi"}}}, {"color", change_colour()}}}};
  Json points = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
      {"encoding",
       {{"y", names},
        {"x", log_scale("ratio", "after ÷ before", 60)},
        {"color", change_colour()},
        {"shape", precision_shape(precisions, Legend::hidden)},
        {"tooltip", tooltip({{"name", "cell"}, {"ratio", "after ÷ before"}, {"lo", "95 % from"}, {"hi", "to"}, {"change", "change"}})}}}};
  Json texts = {{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 9}}},
                {"encoding", {{"y", names}, {"x", {{"field", "hi"}, {"type", "quantitative"}}}, {"text", {{"field", "label"}}}}}};
  chart.spec["layer"] = {one, intervals, points, texts};
  return chart;
}

std::string sort_value(const std::optional<double>& value) {
  return fmt::format(" data-value=\"{}\"", value && std::isfinite(*value) ? fmt::format("{}", *value) : "");
}

/// By which a row is sorted.
struct RowFigures {
  std::optional<double> before, after, ratio;
};

RowFigures figures_of(const CellComparison& compared, bool is_throughput) {
  if (is_throughput) return {compared.throughput->before_per_s, compared.throughput->after_per_s, compared.throughput->ratio.value};
  return {compared.before_ms, compared.after_ms, compared.ratio ? std::optional<double>(compared.ratio->value) : std::nullopt};
}

std::string table_row(const CellComparison& compared, const ComparisonRow& row, const RowFigures& figures) {
  const char* kind = row.change == CellChange::faster ? "fastest" : row.change == CellChange::slower || row.is_lost ? "doubtful" : "";
  const std::string options = row.options.empty() ? "" : fmt::format("<small>{}</small>", html_text(row.options));
  return fmt::format(
      "<tr class=\"{}\" {}><th scope=\"row\" data-value=\"{}\">{}{}</th><td class=\"figure\">{}</td><td>{}</td>"
      "<td class=\"figure\"{}>{}</td><td class=\"figure\">{}</td><td class=\"figure\"{}>{}</td><td class=\"figure\"{}>{}</td></tr>\n",
      kind, row_attributes(compared.cell), html_text(short_name(compared.cell)), html_name(row.texts[compared_cell]), options,
      compared.cell.batch, html_text(row.texts[verdict]), sort_value(figures.ratio), html_text(row.texts[change_ratio]),
      html_text(row.texts[change_interval]), sort_value(figures.before), html_text(row.texts[figure_before]), sort_value(figures.after),
      html_text(row.texts[figure_after]));
}

std::string heading(std::string_view text, bool is_figure, bool is_sorted) {
  return fmt::format("<th scope=\"col\"{}>{}</th>", is_figure ? " class=\"figure\" data-figure" : "",
                     is_sorted ? fmt::format("<button type=\"button\">{}</button>", html_text(text)) : html_text(text));
}

/// What a table of the page holds.
struct TableKind {
  bool is_throughput;
  const char* label;
  const char* about;
  const char* table_class;  ///< rows of "measured" are the cells that the filters count
};
constexpr TableKind time_table{false, "All cells",
                               "Faster or slower: the interval lies outside ±1 %; else tied. A heading sorts by its column.", "measured"};
constexpr TableKind throughput_table{
    true, "Throughput", "Inputs a second with several requests in flight (@), where both sides have measured them; over 1 is more.",
    "served"};

/// The document keeps the cells of a batch size together, in the order of the comparison. Empty where there is no row.
std::string table_of(const Comparison& comparison, const ComparisonDocument& document, const TableKind& kind) {
  std::string rows;
  for (const ComparisonTable& table : document.tables) {
    if (table.is_throughput != kind.is_throughput) continue;
    auto row = table.rows.begin();
    for (const CellComparison& compared : comparison.cells) {
      if (compared.cell.batch != table.batch || (kind.is_throughput && !compared.throughput)) continue;
      rows += table_row(compared, *row++, figures_of(compared, kind.is_throughput));
    }
  }
  if (rows.empty()) return {};
  const ComparisonHeadings& names = kind.is_throughput ? throughput_headings : time_headings;
  const std::string headings = heading("cell", false, true) + heading("batch", true, true) + heading(names[verdict].text, false, true) +
                               heading("after ÷ before", true, true) + heading("95 %", true, false) +
                               heading(names[figure_before].text, true, true) + heading(names[figure_after].text, true, true);
  return fmt::format(
      "<p class=\"about\">{}</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table class=\"{}\">\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      kind.about, kind.label, kind.table_class, headings, rows);
}

struct ComparisonData {
  ChartData charts;  ///< what the filters offer
  std::vector<Chart> drawn;
};

ComparisonData data_of(const Comparison& comparison) {
  ComparisonData data;
  std::set<std::string> backends;
  std::set<std::string> precisions;
  std::set<std::int64_t> batches;
  for (std::size_t i = 0; i < comparison.cells.size(); ++i) {
    data.charts.cells.push_back(row_of(comparison.cells[i], i));
    backends.insert(printable(comparison.cells[i].cell.backend));
    precisions.insert(std::string(to_string(comparison.cells[i].cell.precision)));
    batches.insert(comparison.cells[i].cell.batch);
  }
  data.charts.backends.assign(backends.begin(), backends.end());
  data.charts.precisions.assign(precisions.begin(), precisions.end());
  data.charts.batches.assign(batches.begin(), batches.end());
  for (const std::int64_t batch : batches) {
    if (has_figure(data.charts, "ratio", batch)) data.drawn.push_back(change_chart(data.charts.precisions, batch));
  }
  return data;
}

}  // namespace
}  // namespace report

std::string to_html(const Comparison& comparison) {
  using namespace report;
  const ComparisonDocument document = make_document(comparison);
  const ComparisonData data = data_of(comparison);
  std::string sections = section("verdict", "Verdict",
                                 fmt::format("<ul class=\"verdicts\"><li class=\"{}\">{}</li></ul>\n",
                                             document.is_doubtful ? "doubtful" : "sure", html_text(document.headline)));
  sections += filter_form(filters_of(data.charts));
  sections += section("cells", time_table.label, table_of(comparison, document, time_table));
  sections += section("throughput", throughput_table.label, table_of(comparison, document, throughput_table));
  std::string figures;
  for (const Chart& chart : data.drawn) figures += figure(chart);
  sections += section("changes", "Changes", figures.empty() ? "" : "<div class=\"charts\">\n" + figures + "</div>\n");
  sections += section("reasons", "Not compared, or not in every run", plain_list(document.reasons));
  std::vector<std::string> changed;
  for (const auto& [what, how] : document.what_changed) changed.push_back(fmt::format("{}: {}", what, how));
  sections += section("what-changed", "What changed", plain_list(changed));
  sections += section("notes", "To know when reading this", plain_list(document.notes));
  Page page;
  page.title = "Podium: " + comparison.model + ", compared";
  page.heading = last_part(document.title);
  page.facts = comparison.model + " · " + document.machine;
  page.sections = std::move(sections);
  page.data = {{"cells", data.charts.cells}, {"charts", charts_json(data.drawn)}};
  return whole_page(page);
}

}  // namespace podium
