#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/charts/charts.h"
#include "report/document.h"
#include "report/verdict.h"

/// Parts of the page, as HTML. What cannot be said has no part: an empty text.
namespace podium::report {

/// <section> with its heading; nothing where the content is empty.
[[nodiscard]] std::string section(std::string_view id, std::string_view heading, const std::string& content);
[[nodiscard]] std::string plain_list(const std::vector<std::string>& lines, std::string_view css_class = {});

struct Filter {
  const char* key;      ///< of a row: "backend"
  const char* heading;  ///< "Engine"
  std::vector<std::string> values;
};
[[nodiscard]] std::string filter_form(const std::vector<Filter>& filters);
[[nodiscard]] std::vector<Filter> filters_of(const ChartData& data);

[[nodiscard]] std::string verdict_list(const std::vector<BatchVerdict>& verdicts);
/// The charts, each kind under its own heading.
[[nodiscard]] std::string chart_sections(const std::vector<Chart>& charts);
[[nodiscard]] std::string figure(const Chart& chart);
[[nodiscard]] std::string cells_table(const Document& document);
[[nodiscard]] std::string notes_list(const Document& document);
[[nodiscard]] std::string absences_list(const std::vector<Absence>& absences);
[[nodiscard]] std::string audit_table(const Results& results);
[[nodiscard]] std::string machine_facts(const Results& results);
[[nodiscard]] std::string repeat_commands(const Results& results);

/// What page.js needs of the charts.
[[nodiscard]] Json charts_json(const std::vector<Chart>& charts);

/// "data-backend=… data-precision=… data-batch=…", by which page.js filters rows.
[[nodiscard]] std::string row_attributes(const Cell& cell);

}  // namespace podium::report
