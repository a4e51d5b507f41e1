#include <fmt/format.h>

#include <cmath>

#include "report/charts/history_charts.h"
#include "report/history_document.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/html/sections.h"

namespace podium {
namespace report {
namespace {

/// Of an image: who wants to see more scrolls through the page.
constexpr std::size_t most_image_charts = 16;

std::string heading(std::string_view text, bool is_figure) {
  return fmt::format("<th scope=\"col\"{}><button type=\"button\">{}</button></th>", is_figure ? " class=\"figure\" data-figure" : "",
                     html_text(text));
}

std::string figure_field(const std::string& shown, std::optional<double> value) {
  return fmt::format("<td class=\"figure\" data-value=\"{}\">{}</td>", value && std::isfinite(*value) ? fmt::format("{}", *value) : "",
                     html_text(shown));
}

const char* kind_of(const HistoryLine& line) {
  const double newest = line.drift ? line.drift->value : line.changes.empty() ? 1.0 : line.changes.back().ratio.value;
  return line.breaks_now || line.missing_now || newest > 1.0 ? "doubtful" : newest < 1.0 ? "fastest" : "";
}

std::string table_row(const History& history, const HistoryRow& row) {
  const HistoryLine& line = *row.line;
  const std::string options = row.options.empty() ? "" : fmt::format("<small>{}</small>", html_text(row.options));
  const bool has_level = !line.levels.empty();
  std::string text =
      fmt::format("<tr class=\"{}\" {} data-setup=\"{}\"><th scope=\"row\" data-value=\"{}\">{}{}</th><td class=\"figure\">{}</td>",
                  kind_of(line), row_attributes(line.cell), setup_mark(line.setup), html_text(short_name(line.cell)),
                  html_name(row.texts[line_cell]), options, line.cell.batch);
  if (history.setups.size() > 1) text += fmt::format("<td>{}</td>", setup_mark(line.setup));
  text += fmt::format("<td class=\"wide\">{}</td>", html_text(row.texts[line_verdict]));
  text += figure_field(row.texts[line_runs], static_cast<double>(line.points.size()));
  text += figure_field(row.texts[first_ms], has_level ? std::optional(line.levels.front().ms) : std::nullopt);
  text += figure_field(row.texts[newest_ms], has_level ? std::optional(line.levels.back().ms) : std::nullopt);
  return text + "</tr>\n";
}

std::string table_of(const History& history, const HistoryDocument& document) {
  std::string headings = heading("cell", false) + heading("batch", true);
  if (history.setups.size() > 1) headings += heading("setup", false);
  headings += heading("change", false);
  for (const HistoryColumn column : {line_runs, first_ms, newest_ms}) headings += heading(history_headings[column].text, true);
  std::string rows;
  for (const HistoryTable& table : document.tables) {
    for (const HistoryRow& row : table.rows) rows += table_row(history, row);
  }
  return fmt::format(
      "<p class=\"about\">First and newest: the means of the cell's first and newest level. A heading sorts by its column.</p>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All cells\">\n<table class=\"measured\">\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      headings, rows);
}

std::string runs_table(const History& history) {
  std::string rows;
  for (std::size_t i = 0; i < history.runs.size(); ++i) {
    const HistoryRun& run = history.runs[i];
    rows += fmt::format("<tr><td class=\"figure\">{}</td><td>{}</td><td class=\"wide\">{}</td><td>{}</td></tr>\n", i + 1,
                        html_text(run.started), html_name(run.file), setup_mark(run.setup));
  }
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Runs\">\n<table>\n<thead><tr><th scope=\"col\" "
      "class=\"figure\">run</th><th scope=\"col\">started (UTC)</th><th scope=\"col\">file</th><th "
      "scope=\"col\">setup</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      rows);
}

std::string figures_of(const std::vector<Chart>& charts, bool of_single_lines) {
  std::string figures;
  for (const Chart& chart : charts) {
    if (chart.cell.has_value() == of_single_lines) figures += figure(chart);
  }
  return figures.empty() ? "" : "<div class=\"charts\">\n" + figures + "</div>\n";
}

std::vector<Filter> history_filters(const History& history, const ChartData& data) {
  std::vector<Filter> filters = filters_of(data);
  if (history.setups.size() < 2) return filters;
  Filter setups{"setup", "Setup", {}};
  for (std::size_t i = 0; i < history.setups.size(); ++i) setups.values.push_back(setup_mark(static_cast<std::int64_t>(i)));
  filters.push_back(std::move(setups));
  return filters;
}

}  // namespace
}  // namespace report

std::string to_html(const History& history) {
  using namespace report;
  const HistoryDocument document = make_document(history);
  const ChartData data = history_data(history);
  const std::vector<Chart> charts = history_charts(history, data);
  std::string sections = section("verdict", "Verdict",
                                 fmt::format("<ul class=\"verdicts\"><li class=\"{}\">{}</li></ul>\n",
                                             document.is_worse ? "doubtful" : "sure", html_text(document.headline)));
  sections += section("setups", "Setups", history.setups.size() > 1 ? plain_list(document.setups) : "");
  sections += filter_form(history_filters(history, data));
  sections += section("cells", "All cells", table_of(history, document));
  sections += section("changes", "Changes, the newest first", plain_list(document.changes));
  sections += section("broken", "Broken now", plain_list(document.broken));
  sections += section("together", "All together", figures_of(charts, false));
  sections += section("courses", "Cell by cell", figures_of(charts, true));
  sections += section("alone", "Runs that stand alone", plain_list(document.alone));
  sections += section("notes", "To know when reading this", plain_list(document.notes));
  sections += section("runs", "Runs", runs_table(history));
  Page page;
  page.title = "Podium: " + document.title;
  page.heading = last_part(document.title);
  page.facts = history.setups.size() > 1 ? fmt::format("{} setups", history.setups.size()) : document.setups.front();
  page.sections = std::move(sections);
  page.data = {{"cells", data.cells}, {"charts", charts_json(charts)}};
  return whole_page(page);
}

std::string to_chart(const History& history) {
  using namespace report;
  const HistoryDocument document = make_document(history);
  const ChartData data = history_data(history);
  std::vector<Chart> charts = history_charts(history, data);
  const std::size_t all = charts.size();
  if (all > most_image_charts) charts.resize(most_image_charts);
  std::vector<std::string> sentences{document.headline};
  sentences.insert(sentences.end(), document.setups.begin(), document.setups.end());
  if (all > charts.size())
    sentences.push_back(fmt::format("Drawn: the first {} of {} charts; the page (html) has all.", charts.size(), all));
  return one_line(image_of(std::move(charts), data, last_part(document.title), sentences));
}

}  // namespace podium
