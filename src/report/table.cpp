#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "podium/report.h"
#include "report/canvas.h"
#include "report/document.h"
#include "report/text_layout.h"

namespace podium {
namespace {

using namespace report;

constexpr std::size_t gap = 2;

/// Draws a Document for a terminal.
class Drawing {
 public:
  explicit Drawing(const TableStyle& style) : canvas_(style) {}

  std::string draw(const Document& document) {
    canvas_.paragraph(ink::bold, document.model);
    canvas_.paragraph(ink::dim, document.machine);
    for (const BatchTable& table : document.batches) draw_table(table);
    draw_absences(document.absences);
    draw_section("Self-check: the same against itself", ink::none, document.self_check);
    draw_section("Warnings", ink::yellow, document.warnings);
    canvas_.blank();
    canvas_.paragraph(ink::dim, document.footer);
    return canvas_.take();
  }

 private:
  void draw_table(const BatchTable& table) {
    canvas_.blank();
    canvas_.paragraph(ink::bold, fmt::format("Batch {} · {}", table.batch, table.headline));
    const std::vector<std::size_t> shown = columns_that_fit(table);
    std::vector<std::string> headings;
    for (const Column& column : columns) headings.emplace_back(column.heading);
    canvas_.line(ink::dim, joined(headings, shown, table));
    for (const Row& row : table.rows) {
      canvas_.line(row.is_doubtful  ? ink::yellow
                   : row.is_fastest ? ink::green
                                    : ink::none,
                   joined({row.texts.begin(), row.texts.end()}, shown, table));
      if (!row.options.empty()) canvas_.paragraph(ink::dim, row.options, std::string(width_of(rank, table) + gap, ' '));
    }
    for (const std::string& note : table.notes) canvas_.paragraph(note.starts_with("?") ? ink::yellow : ink::dim, note, "", 2);
  }

  std::size_t width_of(std::size_t column, const BatchTable& table) const {
    std::size_t width = display_width(canvas_.drawn(columns[column].heading));
    for (const Row& row : table.rows) width = std::max(width, display_width(canvas_.drawn(row.texts[column])));
    return width;
  }

  std::vector<std::size_t> columns_that_fit(const BatchTable& table) const {
    std::vector<std::size_t> shown;
    for (std::size_t column = 0; column < columns.size(); ++column) {
      if (table.has_column(column)) shown.push_back(column);
    }
    const auto total = [&] {
      std::size_t sum = gap * (shown.size() - 1);
      for (const std::size_t column : shown) sum += width_of(column, table);
      return sum;
    };
    while (total() > canvas_.width()) {
      const auto worth = [](std::size_t column) { return columns[column].worth == 0 ? 100 : columns[column].worth; };
      const auto least = std::min_element(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) { return worth(a) < worth(b); });
      if (columns[*least].worth == 0) break;
      shown.erase(least);
    }
    return shown;
  }

  std::string joined(const std::vector<std::string>& texts, const std::vector<std::size_t>& shown, const BatchTable& table) const {
    std::string whole;
    for (const std::size_t column : shown) {
      const std::string text = canvas_.drawn(texts[column]);
      const std::size_t width = width_of(column, table);
      whole += std::string(whole.empty() ? 0 : gap, ' ') + (columns[column].is_figure ? pad_left(text, width) : pad_right(text, width));
    }
    return whole;
  }

  void draw_absences(const std::vector<Absence>& absences) {
    if (absences.empty()) return;
    canvas_.blank();
    canvas_.line(ink::bold, "Did not run, or not to the end");
    for (const Absence& absence : absences) {
      const bool expected = absence.status == "unsupported" || absence.status == "partial";
      const std::string reason = absence.reason.empty() ? "" : ": " + absence.reason;
      canvas_.paragraph(expected ? ink::none : ink::red, fmt::format("{} – {}{}", absence.cells, absence.status, reason), "  ", 2);
      draw_remedy(canvas_, absence.remedy, "    ");
    }
  }

  void draw_section(std::string_view heading, std::string_view colour, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    canvas_.blank();
    canvas_.line(ink::bold, std::string(heading));
    for (const std::string& line : lines) canvas_.paragraph(colour, line, "  ", 2);
  }

  Canvas canvas_;
};

}  // namespace

std::string to_table(const Results& results, const TableStyle& style) {
  return Drawing(style).draw(make_document(results));
}

}  // namespace podium
