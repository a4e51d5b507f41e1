#include <fmt/format.h>

#include <string>
#include <string_view>

#include "podium/report.h"
#include "report/document.h"
#include "report/markdown_text.h"

namespace podium {
namespace {

using namespace report;

std::string table_row(const BatchTable& table, const Row& row) {
  std::string line = "|";
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if (!table.has_column(column)) continue;
    const std::string options = column == backend && !row.options.empty() ? fmt::format(" ({})", row.options) : "";
    line += fmt::format(" {} |", escaped(row.texts[column] + options));
  }
  return line + "\n";
}

std::string table_head(const BatchTable& table) {
  std::string headings = "|";
  std::string rule = "|";
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if (!table.has_column(column)) continue;
    headings += fmt::format(" {} |", escaped(columns[column].heading));
    rule += columns[column].is_figure ? " ---: |" : " --- |";
  }
  return headings + "\n" + rule + "\n";
}

std::string batch_section(const BatchTable& table) {
  std::string text = fmt::format("\n## Batch {}\n\n{}\n\n{}", table.batch, escaped(table.headline), table_head(table));
  for (const Row& row : table.rows) text += table_row(table, row);
  if (!table.notes.empty()) text += "\n";
  for (const std::string& note : table.notes) text += fmt::format("- {}\n", escaped(note.substr(2)));
  return text;
}

std::string absences_section(const std::vector<Absence>& absences) {
  if (absences.empty()) return {};
  std::string text = "\n## Did not run, or not to the end\n\n";
  for (const Absence& absence : absences) {
    text += fmt::format("- {} – {}", escaped(absence.cells), escaped(absence.status));
    if (!absence.reason.empty()) text += ": " + escaped(absence.reason);
    if (!absence.remedy.empty()) text += fmt::format("\n  Try: {}", escaped(absence.remedy));
    text += "\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const Results& results) {
  const Document document = make_document(results);
  std::string text = fmt::format("# {}\n\n{}\n", escaped(document.model), escaped(document.machine));
  for (const BatchTable& table : document.batches) text += batch_section(table);
  text += absences_section(document.absences);
  text += list_section("Self-check: the same against itself", document.self_check);
  text += list_section("Warnings", document.warnings);
  return text + fmt::format("\n{}\n", escaped(document.footer));
}

}  // namespace podium
