#include <fmt/format.h>

#include "report/history_document.h"
#include "report/markdown_text.h"

namespace podium {
namespace {

using namespace report;

std::string table_section(const HistoryTable& table) {
  std::string headings = "|";
  std::string rule = "|";
  for (const HistoryHeading& heading : history_headings) {
    headings += fmt::format(" {} |", escaped(heading.text));
    rule += heading.is_figure ? " ---: |" : " --- |";
  }
  std::string text = fmt::format("\n## {}\n\n{}\n{}\n", escaped(table.heading), headings, rule);
  for (const HistoryRow& row : table.rows) {
    text += "|";
    for (std::size_t column = 0; column < history_column_count; ++column) {
      const std::string options = column == line_cell && !row.options.empty() ? fmt::format(" ({})", row.options) : "";
      text += fmt::format(" {} |", escaped(row.texts[column] + options));
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const History& history) {
  const HistoryDocument document = make_document(history);
  std::string text = fmt::format("# {}\n\n**{}**\n\n", escaped(document.title), escaped(document.headline));
  for (const std::string& setup : document.setups) text += escaped(setup) + "\n\n";
  text.pop_back();
  for (const HistoryTable& table : document.tables) text += table_section(table);
  text += list_section("Changes, the newest first", document.changes);
  text += list_section("Broken now", document.broken);
  text += list_section("Runs that stand alone", document.alone);
  return text + list_section("To know", document.notes);
}

}  // namespace podium
