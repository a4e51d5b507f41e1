#include "report/html/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/figures.h"
#include "report/html/html_text.h"

namespace podium::report {
namespace {

struct GroupText {
  ChartGroup group;
  const char* id;
  const char* heading;
};
constexpr GroupText groups[] = {{ChartGroup::speed, "speed", "Speed"},
                                {ChartGroup::ratios, "ratios", "Against the baseline"},
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

std::string audit_row(const Cell& cell) {
  const Audit& audit = *cell.audit;
  std::vector<std::string> findings;
  for (const std::string& finding : audit_findings(cell)) findings.push_back(html_text(finding));
  return fmt::format(
      "<tr {}><th scope=\"row\">{} at batch {}</th><td>{}</td><td>{}</td><td class=\"figure\">{}</td><td class=\"figure\">{}</td>"
      "<td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"wide\">{}</td></tr>\n",
      row_attributes(cell), html_name(short_name(cell)), cell.batch, names_of(audit.providers), names_of(audit.compute_types),
      share(audit.fallback_share), share(audit.int8_share), count(audit.fused_nodes), count(audit.graph_breaks),
      findings.empty() ? "as asked" : fmt::format("{}", fmt::join(findings, "; ")));
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
    if (!table.notes.empty()) text += fmt::format("<h3>Batch {}</h3>\n", table.batch) + plain_list(table.notes);
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
    if (!absence.remedy.empty()) text += fmt::format("<br>Try: <code>{}</code>", html_text(absence.remedy));
    text += "</li>\n";
  }
  return text + "</ul>\n";
}

std::string audit_table(const Results& results) {
  std::string rows;
  for (const Cell& cell : results.cells) {
    if (cell.audit) rows += audit_row(cell);
  }
  if (rows.empty()) return {};
  return "<p class=\"about\">What really ran, as each engine told when it had loaded the model: nodes by who runs them and by the "
         "arithmetic they "
         "use.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What really ran\">\n<table>\n<thead><tr><th "
         "scope=\"col\">cell</th><th scope=\"col\">nodes run by</th><th scope=\"col\">nodes that compute in</th><th scope=\"col\" "
         "class=\"figure\">fell back</th><th scope=\"col\" class=\"figure\">in int8</th><th scope=\"col\" class=\"figure\">fused "
         "nodes</th><th "
         "scope=\"col\" class=\"figure\">graph breaks</th><th scope=\"col\">finding</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody>\n</table>\n</div>\n";
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
