#include <fmt/format.h>

#include "report/comparison_document.h"
#include "report/markdown_text.h"

namespace podium {
namespace {

using namespace report;

std::string batch_section(const ComparisonTable& table) {
  std::string headings = "|";
  std::string rule = "|";
  for (const ComparisonHeading& heading : table.headings()) {
    headings += fmt::format(" {} |", escaped(heading.text));
    rule += heading.is_figure ? " ---: |" : " --- |";
  }
  const char* what = table.is_throughput ? ", several requests in flight" : "";
  std::string text = fmt::format("\n## Batch {}{}\n\n{}\n{}\n", table.batch, what, headings, rule);
  for (const ComparisonRow& row : table.rows) {
    text += "|";
    for (std::size_t column = 0; column < comparison_column_count; ++column) {
      const std::string options = column == compared_cell && !row.options.empty() ? fmt::format(" ({})", row.options) : "";
      text += fmt::format(" {} |", escaped(row.texts[column] + options));
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const Comparison& comparison) {
  const ComparisonDocument document = make_document(comparison);
  std::string text = fmt::format("# {}\n\n**{}**\n\n{}\n", escaped(document.title), escaped(document.headline), escaped(document.machine));
  for (const ComparisonTable& table : document.tables) text += batch_section(table);
  text += list_section("Not compared, or not in every run", document.reasons);
  std::vector<std::string> changed;
  for (const auto& [what, how] : document.what_changed) changed.push_back(fmt::format("{}: {}", what, how));
  text += list_section("What changed", changed);
  return text + list_section("To know", document.notes);
}

}  // namespace podium
