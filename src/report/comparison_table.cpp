#include <fmt/format.h>

#include <algorithm>

#include "report/canvas.h"
#include "report/comparison_document.h"
#include "report/text_layout.h"

namespace podium {
namespace {

using namespace report;

constexpr std::size_t gap = 2;

class Drawing {
 public:
  explicit Drawing(const TableStyle& style) : canvas_(style) {}

  std::string draw(const ComparisonDocument& document) {
    canvas_.paragraph(ink::bold, document.title);
    canvas_.paragraph(ink::dim, document.machine);
    for (const ComparisonTable& table : document.batches) draw_batch(table);
    canvas_.blank();
    canvas_.paragraph(ink::bold, document.headline);
    draw_list("Not compared, or not in every run", document.reasons);
    if (!document.what_changed.empty()) {
      canvas_.blank();
      canvas_.line(ink::bold, "What changed");
      draw_pairs(canvas_, document.what_changed);
    }
    draw_list("To know", document.notes);
    return canvas_.take();
  }

 private:
  void draw_batch(const ComparisonTable& table) {
    canvas_.blank();
    canvas_.line(ink::bold, fmt::format("Batch {}", table.batch));
    std::array<std::string, comparison_column_count> headings;
    for (std::size_t column = 0; column < comparison_column_count; ++column) headings[column] = comparison_headings[column].text;
    const bool narrow = width_of(table, headings) > canvas_.width();
    canvas_.line(ink::dim, joined(headings, table, headings, narrow));
    for (const ComparisonRow& row : table.rows) {
      canvas_.line(colour_of(row), joined(row.texts, table, headings, narrow));
      if (!row.options.empty()) canvas_.paragraph(ink::dim, row.options, "  ");
    }
  }

  static std::string_view colour_of(const ComparisonRow& row) {
    if (row.breaks_now || row.change == CellChange::slower) return ink::red;
    if (row.change == CellChange::faster) return ink::green;
    return row.change == CellChange::tied ? ink::none : ink::dim;
  }

  using Texts = std::array<std::string, comparison_column_count>;

  std::size_t column_width(std::size_t column, const ComparisonTable& table, const Texts& headings) const {
    std::size_t width = display_width(canvas_.drawn(headings[column]));
    for (const ComparisonRow& row : table.rows) width = std::max(width, display_width(canvas_.drawn(row.texts[column])));
    return width;
  }

  std::size_t width_of(const ComparisonTable& table, const Texts& headings) const {
    std::size_t width = gap * (comparison_column_count - 1);
    for (std::size_t column = 0; column < comparison_column_count; ++column) width += column_width(column, table, headings);
    return width;
  }

  /// Where the width is short, the times go: the ratio and its interval are what is asked for.
  std::string joined(const Texts& texts, const ComparisonTable& table, const Texts& headings, bool narrow) const {
    std::string whole;
    for (std::size_t column = 0; column < comparison_column_count; ++column) {
      if (narrow && (column == ms_before || column == ms_after)) continue;
      const std::string text = canvas_.drawn(texts[column]);
      const std::size_t width = column_width(column, table, headings);
      whole += std::string(column == 0 ? 0 : gap, ' ') +
               (comparison_headings[column].is_figure ? pad_left(text, width) : pad_right(text, width));
    }
    return whole;
  }

  void draw_list(std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    canvas_.blank();
    canvas_.line(ink::bold, heading);
    for (const std::string& line : lines) canvas_.paragraph(ink::none, line, "  ", 2);
  }

  Canvas canvas_;
};

}  // namespace

std::string to_table(const Comparison& comparison, const TableStyle& style) {
  return Drawing(style).draw(make_document(comparison));
}

}  // namespace podium
