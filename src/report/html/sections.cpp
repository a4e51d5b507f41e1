#include "report/html/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "report/figures.h"
#include "report/html/html_text.h"
#include "report/text_layout.h"

namespace podium::report {
namespace {

struct GroupText {
  ChartGroup group;
  const char* id;
  const char* heading;
};
constexpr GroupText groups[] = {{ChartGroup::speed, "speed", "Speed"},
                                {ChartGroup::ratios, "ratios", "Against the baseline"},
                                {ChartGroup::throughput, "throughput", "With several requests in flight"},
                                {ChartGroup::accuracy, "answers", "Answers against time"},
                                {ChartGroup::latency, "latency", "How the times are spread"},
                                {ChartGroup::costs, "costs", "Memory, energy and building"},
                                {ChartGroup::warm_up, "warm-up", "Warming up"}};

std::string names_of(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", html_name(name), count));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string share(const std::optional<double>& value) {
  return value ? fmt::format("{:.0f} %", 100.0 * *value) : absent_figure;
}

std::string count(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : absent_figure;
}

std::string finding(const Cell& cell) {
  std::vector<std::string> findings;
  for (const std::string& one : audit_findings(cell)) findings.push_back(html_text(one));
  return findings.empty() ? "as asked" : fmt::format("{}", fmt::join(findings, "; "));
}

struct AuditColumn {
  const char* heading;
  const char* attributes;
  std::string (*text)(const Cell& cell);  ///< HTML
};
constexpr AuditColumn audit_columns[] = {
    {"nodes run by", "", [](const Cell& cell) { return names_of(cell.audit->providers); }},
    {"nodes that compute in", " class=\"wide\"", [](const Cell& cell) { return names_of(cell.audit->compute_types); }},
    {"fell back", " class=\"figure\"", [](const Cell& cell) { return share(cell.audit->fallback_share); }},
    {"in int8", " class=\"figure\"", [](const Cell& cell) { return share(cell.audit->int8_share); }},
    {"fused nodes", " class=\"figure\"", [](const Cell& cell) { return count(cell.audit->fused_nodes); }},
    {"graph breaks", " class=\"figure\"", [](const Cell& cell) { return count(cell.audit->graph_breaks); }},
    {"finding", " class=\"wide\"", finding}};

/// Those that some cell has a figure for.
std::vector<AuditColumn> audit_columns_of(const std::vector<const Cell*>& cells) {
  std::vector<AuditColumn> shown;
  std::copy_if(std::begin(audit_columns), std::end(audit_columns), std::back_inserter(shown), [&](const AuditColumn& column) {
    return std::any_of(cells.begin(), cells.end(), [&](const Cell* cell) { return column.text(*cell) != absent_figure; });
  });
  return shown;
}

}  // namespace

std::string section(std::string_view id, std::string_view heading, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n{2}</section>\n", id,
                     html_text(heading), content);
}

std::string plain_list(const std::vector<std::string>& lines, std::string_view css_class) {
  if (lines.empty()) return {};
  std::string text = fmt::format("<ul class=\"plain {}\">\n", css_class);
  for (const std::string& line : lines) text += fmt::format("<li>{}</li>\n", html_text(line));
  return text + "</ul>\n";
}

std::string filter_form(const std::vector<Filter>& filters) {
  std::string text = "<form class=\"filters\" autocomplete=\"off\" hidden aria-label=\"Which cells are shown\">\n";
  for (const Filter& filter : filters) {
    text += fmt::format("<fieldset><legend>{}</legend>\n", filter.heading);
    for (const std::string& value : filter.values) {
      text += fmt::format("<label><input type=\"checkbox\" checked data-filter=\"{}\" value=\"{}\">{}</label>\n", filter.key,
                          html_text(value), html_name(value));
    }
    text += "</fieldset>\n";
  }
  return text + "<button type=\"button\">Show all</button>\n<output aria-live=\"polite\"></output>\n</form>\n";
}

std::vector<Filter> filters_of(const ChartData& data) {
  std::set<std::string> precisions;
  for (const Json& row : data.cells) precisions.insert(row["precision"].get<std::string>());
  std::vector<std::string> batches;
  for (const std::int64_t batch : data.batches) batches.push_back(std::to_string(batch));
  return {{"backend", "Engine", data.backends},
          {"precision", "Precision", {precisions.begin(), precisions.end()}},
          {"batch", "Batch", batches}};
}

std::string verdict_list(const std::vector<BatchVerdict>& verdicts) {
  if (verdicts.empty()) return "<p>No cell was measured.</p>\n";
  std::string text = "<ul class=\"verdicts\">\n";
  for (const BatchVerdict& verdict : verdicts) {
    const char* kind = !verdict.has_winner ? "bad" : verdict.is_doubtful ? "doubtful" : "sure";
    const std::string figures = verdict.figures.empty() ? "" : fmt::format("<small>{}</small>", html_text(verdict.figures));
    text += fmt::format("<li class=\"{}\">{}{}</li>\n", kind, html_text(verdict.sentence), figures);
  }
  return text + "</ul>\n";
}

std::string figure(const Chart& chart) {
  return fmt::format(
      "<figure id=\"chart-{0}\">\n<figcaption><h3>{1}</h3><p>{2} <span class=\"limit\"></span></p></figcaption>\n<div "
      "class=\"plot\"></div>\n</figure>\n",
      html_text(chart.id), html_text(chart.title), html_text(chart.about));
}

std::string chart_sections(const std::vector<Chart>& charts) {
  std::string text;
  for (const GroupText& group : groups) {
    std::string figures;
    for (const Chart& chart : charts) {
      if (chart.group == group.group) figures += figure(chart);
    }
    if (!figures.empty()) text += section(group.id, group.heading, "<div class=\"charts\">\n" + figures + "</div>\n");
  }
  return text;
}

std::string notes_list(const Document& document) {
  std::string text;
  for (const BatchTable& table : document.batches) {
    std::vector<std::string> notes;  // without the sign that stands before each on a terminal
    for (const std::string& note : table.notes) notes.push_back(note.substr(2));
    if (!notes.empty()) text += fmt::format("<h3>Batch {}</h3>\n", table.batch) + plain_list(notes);
  }
  return text;
}

std::string absences_list(const std::vector<Absence>& absences) {
  if (absences.empty()) return {};
  std::string text = "<ul class=\"plain\">\n";
  for (const Absence& absence : absences) {
    const bool expected = absence.status == "unsupported" || absence.status == "partial";
    text += fmt::format("<li>{} – <span class=\"status{}\">{}</span>", html_name(absence.cells), expected ? "" : " bad",
                        html_text(absence.status));
    if (!absence.reason.empty()) text += ": " + html_text(absence.reason);
    const std::string remedy = html_text(absence.remedy);
    if (!remedy.empty()) text += "<br>Try: " + (is_command(absence.remedy) ? "<code>" + remedy + "</code>" : remedy);
    text += "</li>\n";
  }
  return text + "</ul>\n";
}

std::string audit_table(const Results& results) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : results.cells) {
    if (cell.audit) cells.push_back(&cell);
  }
  if (cells.empty()) return {};
  const std::vector<AuditColumn> shown = audit_columns_of(cells);
  std::string headings = "<th scope=\"col\">cell</th>";
  for (const AuditColumn& column : shown) headings += fmt::format("<th scope=\"col\"{}>{}</th>", column.attributes, column.heading);
  std::string rows;
  for (const Cell* cell : cells) {
    rows += fmt::format("<tr {}><th scope=\"row\" class=\"wide\">{} at batch {}</th>", row_attributes(*cell), html_name(short_name(*cell)),
                        cell->batch);
    for (const AuditColumn& column : shown) rows += fmt::format("<td{}>{}</td>", column.attributes, column.text(*cell));
    rows += "</tr>\n";
  }
  return fmt::format(
      "<p class=\"about\">What really ran, as each engine told when it had loaded the model: nodes by who runs them and by the arithmetic "
      "they use.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What really ran\">\n<table>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      headings, rows);
}

Json charts_json(const std::vector<Chart>& charts) {
  Json list = Json::array();
  for (const Chart& chart : charts) {
    Json one = {{"id", chart.id},       {"data", chart.data},         {"needs", chart.needs},
                {"limit", chart.limit}, {"renderer", chart.renderer}, {"step", chart.step}};
    one["batch"] = chart.batch ? Json(*chart.batch) : Json();
    one["cell"] = chart.cell ? Json(*chart.cell) : Json();
    one["first"] = chart.first;
    one["spec"] = chart.spec;
    one["spec"]["description"] = chart.title + ". " + chart.about;
    list.push_back(std::move(one));
  }
  return list;
}

std::string row_attributes(const Cell& cell) {
  return fmt::format("data-backend=\"{}\" data-precision=\"{}\" data-batch=\"{}\"", html_text(cell.backend), to_string(cell.precision),
                     cell.batch);
}

}  // namespace podium::report
