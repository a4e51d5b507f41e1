#include "report/html/page.h"

#include <fmt/format.h>

#include "podium/report.h"
#include "report/html/html_text.h"
#include "report/html/page_parts.h"
#include "report/html/sections.h"

namespace podium {
namespace report {

namespace {

/// No line begins with the point that separates.
std::string facts_text(const std::string& facts) {
  std::string text = html_text(facts);
  for (std::size_t at = text.find(" · "); at != std::string::npos; at = text.find(" · ", at + 1)) text.replace(at, 1, "&nbsp;");
  return text;
}

}  // namespace

std::string last_part(const std::string& name) {
  const std::size_t slash = name.find_last_of('/', name.size() < 2 ? 0 : name.size() - 2);
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

std::string whole_page(const Page& page) {
  return filled(page_template(), {{"policy", content_policy({chart_library(), page_script()})},
                                  {"title", html_text(page.title)},
                                  {"style", std::string(page_style())},
                                  {"heading", html_name(page.heading)},
                                  {"facts", facts_text(page.facts)},
                                  {"sections", page.sections},
                                  {"footer", html_text(page.footer)},
                                  {"data", script_json(page.data)},
                                  {"library", std::string(chart_library())},
                                  {"script", std::string(page_script())}});
}

namespace {

std::string sections_of(const Results& results, const Document& document, const ChartData& data, const std::vector<Chart>& charts,
                        const std::string& outcome) {
  std::string text = outcome.empty() ? "" : section("outcome", "Repeated", fmt::format("<p>{}</p>\n", html_text(outcome)));
  text += section("verdict", "Verdict", verdict_list(verdicts_of(results)));
  if (!data.cells.empty()) text += filter_form(filters_of(data));
  text += section("cells", "All cells", cells_table(document));
  text += chart_sections(charts);
  text += section("notes", "To know when reading this", notes_list(document));
  text += section("absent", "What did not run, or not to the end", absences_list(document.absences));
  text += section("self-check", "Self-check: the same against itself", plain_list(document.self_check));
  text += section("audit", "Audit", audit_table(results));
  text += section("machine", "Machine, versions and warnings", machine_facts(results));
  return text + section("repeat", "To repeat this", repeat_commands(results));
}

}  // namespace
}  // namespace report

std::string to_html(const Results& results, const std::string& outcome) {
  using namespace report;
  const Document document = make_document(results);
  const ChartData data = chart_data(results);
  const std::vector<Chart> charts = charts_of(data);
  Page page;
  page.title = "Podium: " + results.model.name;
  page.heading = last_part(results.model.name);
  page.facts = document.model + " · " + document.machine;
  page.footer = document.footer;
  page.sections = sections_of(results, document, data, charts, outcome);
  page.data = {{"cells", data.cells}, {"samples", data.samples}, {"warm_up", data.warm_up}, {"charts", charts_json(charts)}};
  return whole_page(page);
}

std::string to_chart(const Results& results) {
  using namespace report;
  std::vector<std::string> sentences;
  for (const BatchVerdict& verdict : verdicts_of(results)) sentences.push_back(verdict.sentence);
  const Document document = make_document(results);
  sentences.push_back(document.machine);
  return one_line(overview(chart_data(results), last_part(document.model), sentences));
}

}  // namespace podium
