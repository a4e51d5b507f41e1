#include <fmt/format.h>

#include <algorithm>

#include "report/canvas.h"
#include "report/history_document.h"
#include "report/text_layout.h"

namespace podium {
namespace {

using namespace report;

constexpr std::size_t gap = 2;

/// One table: which columns the width has room for, and how wide they are.
class Layout {
 public:
  Layout(const HistoryTable& table, const Canvas& canvas) : canvas_(canvas) {
    for (std::size_t column = 0; column < history_column_count; ++column) {
      widths_[column] = display_width(canvas.drawn(history_headings[column].text));
      for (const HistoryRow& row : table.rows) widths_[column] = std::max(widths_[column], display_width(canvas.drawn(row.texts[column])));
    }
    while (width() > canvas.width() && drop_least()) {
    }
  }

  [[nodiscard]] std::string joined(const std::array<std::string, history_column_count>& texts) const {
    std::string whole;
    for (std::size_t column = 0; column < history_column_count; ++column) {
      if (widths_[column] == 0) continue;
      const std::string text = canvas_.drawn(texts[column]);
      whole += std::string(column == 0 ? 0 : gap, ' ');
      whole += history_headings[column].is_figure ? pad_left(text, widths_[column]) : pad_right(text, widths_[column]);
    }
    return whole;
  }

  [[nodiscard]] std::string headings() const {
    std::array<std::string, history_column_count> texts;
    for (std::size_t column = 0; column < history_column_count; ++column) texts[column] = history_headings[column].text;
    return joined(texts);
  }

 private:
  [[nodiscard]] std::size_t width() const {
    std::size_t whole = 0;
    for (const std::size_t column : widths_) whole += column == 0 ? 0 : column + gap;
    return whole - gap;
  }

  bool drop_least() {
    std::size_t least = history_column_count;
    for (std::size_t column = 0; column < history_column_count; ++column) {
      const int worth = history_headings[column].worth;
      if (worth == 0 || widths_[column] == 0) continue;
      if (least == history_column_count || worth < history_headings[least].worth) least = column;
    }
    if (least == history_column_count) return false;
    widths_[least] = 0;
    return true;
  }

  const Canvas& canvas_;
  std::array<std::size_t, history_column_count> widths_{};  ///< 0: left out
};

std::string_view colour_of(const HistoryLine& line) {
  if (line.breaks_now || line.missing_now) return ink::red;
  const double newest = line.drift ? line.drift->value : line.changes.empty() ? 1.0 : line.changes.back().ratio.value;
  if (newest > 1.0) return ink::red;
  if (newest < 1.0) return ink::green;
  return line.course == CellCourse::too_few_runs ? ink::dim : ink::none;
}

void draw_table(Canvas& canvas, const HistoryTable& table) {
  canvas.blank();
  canvas.line(ink::bold, table.heading);
  const Layout layout(table, canvas);
  canvas.line(ink::dim, layout.headings());
  for (const HistoryRow& row : table.rows) {
    canvas.line(colour_of(*row.line), layout.joined(row.texts));
    if (!row.options.empty()) canvas.paragraph(ink::dim, row.options, "  ");
  }
}

void draw_list(Canvas& canvas, std::string_view heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  canvas.blank();
  canvas.line(ink::bold, heading);
  for (const std::string& line : lines) canvas.paragraph(ink::none, line, "  ", 2);
}

}  // namespace

std::string to_table(const History& history, const TableStyle& style) {
  const HistoryDocument document = make_document(history);
  Canvas canvas(style);
  canvas.paragraph(ink::bold, document.title);
  for (const std::string& setup : document.setups) canvas.paragraph(ink::dim, setup);
  for (const HistoryTable& table : document.tables) draw_table(canvas, table);
  canvas.blank();
  canvas.paragraph(ink::bold, document.headline);
  draw_list(canvas, "Changes, the newest first", document.changes);
  draw_list(canvas, "Broken now", document.broken);
  draw_list(canvas, "Runs that stand alone", document.alone);
  draw_list(canvas, "To know", document.notes);
  return canvas.take();
}

}  // namespace podium
