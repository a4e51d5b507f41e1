#include <fmt/format.h>

#include <algorithm>
#include <vector>

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
    for (const ComparisonTable& table : document.tables) draw_batch(table);
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
    canvas_.line(ink::bold, fmt::format("Batch {}{}", table.batch, table.is_throughput ? ", several requests in flight" : ""));
    std::array<std::string, comparison_column_count> headings;
    for (std::size_t column = 0; column < comparison_column_count; ++column) headings[column] = table.headings()[column].text;
    const std::vector<std::size_t> shown = columns_that_fit(table, headings);
    canvas_.line(ink::dim, joined(headings, table, headings, shown));
    for (const ComparisonRow& row : table.rows) {
      canvas_.line(colour_of(row), joined(row.texts, table, headings, shown));
      if (!row.options.empty()) canvas_.paragraph(ink::dim, row.options, "  ");
    }
  }

  static std::string_view colour_of(const ComparisonRow& row) {
    if (row.is_lost || row.change == CellChange::slower) return ink::red;
    if (row.change == CellChange::faster) return ink::green;
    return row.change == CellChange::tied ? ink::none : ink::dim;
  }

  using Texts = std::array<std::string, comparison_column_count>;

  std::size_t column_width(std::size_t column, const ComparisonTable& table, const Texts& headings) const {
    std::size_t width = display_width(canvas_.drawn(headings[column]));
    for (const ComparisonRow& row : table.rows) width = std::max(width, display_width(canvas_.drawn(row.texts[column])));
    return width;
  }

  /// Where the width is short, the times go first: the ratio and its interval are what is asked for. The name and the verdict stay.
  std::vector<std::size_t> columns_that_fit(const ComparisonTable& table, const Texts& headings) const {
    std::vector<std::size_t> shown;
    for (std::size_t column = 0; column < comparison_column_count; ++column) shown.push_back(column);
    const auto width = [&] {
      std::size_t sum = gap * (shown.size() - 1);
      for (const std::size_t column : shown) sum += column_width(column, table, headings);
      return sum;
    };
    const std::vector<std::vector<std::size_t>> least_first{{figure_before, figure_after}, {change_interval}, {change_ratio}};
    for (const std::vector<std::size_t>& less : least_first) {
      if (width() <= canvas_.width()) break;
      std::erase_if(shown, [&](std::size_t column) { return std::find(less.begin(), less.end(), column) != less.end(); });
    }
    return shown;
  }

  std::string joined(const Texts& texts, const ComparisonTable& table, const Texts& headings, const std::vector<std::size_t>& shown) const {
    std::string whole;
    for (const std::size_t column : shown) {
      const std::string text = canvas_.drawn(texts[column]);
      const std::size_t width = column_width(column, table, headings);
      whole +=
          std::string(column == 0 ? 0 : gap, ' ') + (table.headings()[column].is_figure ? pad_left(text, width) : pad_right(text, width));
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
