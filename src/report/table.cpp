#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "podium/report.h"
#include "report/document.h"
#include "report/text_layout.h"

namespace podium {
namespace {

using namespace report;

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 40;

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

/// Draws a Document for a terminal.
class Drawing {
 public:
  explicit Drawing(const TableStyle& style)
      : style_(style), width_(std::max(static_cast<std::size_t>(std::max(style.width, 0)), narrowest)) {}

  std::string draw(const Document& document) {
    paragraph(bold, document.model, "");
    paragraph(dim, document.machine, "");
    for (const BatchTable& table : document.batches) draw_table(table);
    draw_absences(document.absences);
    draw_warnings(document.warnings);
    text_ += "\n";
    paragraph(dim, document.footer, "");
    return std::move(text_);
  }

 private:
  std::string drawn(std::string_view text) const { return style_.unicode ? std::string(text) : to_ascii(text); }

  void line(std::string_view colour, const std::string& text) {
    const std::string trimmed = text.substr(0, text.find_last_not_of(' ') + 1);
    text_ += style_.colour && !colour.empty() && !trimmed.empty() ? fmt::format("{}{}{}\n", colour, trimmed, plain) : trimmed + "\n";
  }

  /// Wrapped; the lines after the first are set in under the text.
  void paragraph(std::string_view colour, std::string_view text, std::string_view lead, std::size_t hang = 0) {
    std::string start(lead);
    const std::size_t left = display_width(lead) + hang;
    for (const std::string& part : wrap(drawn(text), width_ > left ? width_ - left : 1)) {
      line(colour, start + part);
      start = std::string(left, ' ');
    }
  }

  void draw_table(const BatchTable& table) {
    text_ += "\n";
    paragraph(bold, fmt::format("Batch {} · {}", table.batch, table.headline), "");
    const std::vector<std::size_t> shown = columns_that_fit(table);
    std::vector<std::string> headings;
    for (const Column& column : columns) headings.emplace_back(column.heading);
    line(dim, joined(headings, shown, table));
    for (const Row& row : table.rows) {
      line(row.is_doubtful ? yellow : row.is_fastest ? green : "", joined({row.texts.begin(), row.texts.end()}, shown, table));
      if (!row.options.empty()) paragraph(dim, row.options, std::string(width_of(rank, table) + gap, ' '));
    }
    for (const std::string& note : table.notes) paragraph(note.starts_with("?") ? yellow : dim, note, "", 2);
  }

  std::size_t width_of(std::size_t column, const BatchTable& table) const {
    std::size_t width = display_width(drawn(columns[column].heading));
    for (const Row& row : table.rows) width = std::max(width, display_width(drawn(row.texts[column])));
    return width;
  }

  std::vector<std::size_t> columns_that_fit(const BatchTable& table) const {
    std::vector<std::size_t> shown;
    for (std::size_t column = 0; column < columns.size(); ++column) shown.push_back(column);
    const auto total = [&] {
      std::size_t sum = gap * (shown.size() - 1);
      for (const std::size_t column : shown) sum += width_of(column, table);
      return sum;
    };
    while (total() > width_) {
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
      const std::string text = drawn(texts[column]);
      const std::size_t width = width_of(column, table);
      whole += std::string(whole.empty() ? 0 : gap, ' ') + (columns[column].is_figure ? pad_left(text, width) : pad_right(text, width));
    }
    return whole;
  }

  void draw_absences(const std::vector<Absence>& absences) {
    if (absences.empty()) return;
    text_ += "\n";
    line(bold, "Did not run");
    for (const Absence& absence : absences) {
      const bool expected = absence.status == "unsupported" || absence.status == "partial";
      const std::string reason = absence.reason.empty() ? "" : ": " + absence.reason;
      paragraph(expected ? "" : red, fmt::format("{} – {}{}", absence.cells, absence.status, reason), "  ", 2);
      if (!absence.remedy.empty()) paragraph("", absence.remedy, "    try: ");
    }
  }

  void draw_warnings(const std::vector<std::string>& warnings) {
    if (warnings.empty()) return;
    text_ += "\n";
    line(bold, "Warnings");
    for (const std::string& warning : warnings) paragraph(yellow, warning, "  ", 2);
  }

  TableStyle style_;
  std::size_t width_;
  std::string text_;
};

}  // namespace

std::string to_table(const Results& results, const TableStyle& style) {
  return Drawing(style).draw(make_document(results));
}

}  // namespace podium
