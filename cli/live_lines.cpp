#include "live_lines.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "podium/display.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr const char* to_line_end = "\x1b[K";
constexpr const char* to_screen_end = "\x1b[J";

/// From the last row to the first.
std::string to_first_row(std::size_t rows) {
  return rows > 1 ? fmt::format("\x1b[{}A\r", rows - 1) : "\r";
}

/// Of what takes room: colours do not.
std::size_t shown_width(std::string_view line) {
  std::size_t width = 0;
  while (!line.empty()) {
    const std::size_t escape = std::min(line.find('\x1b'), line.size());
    width += podium::display_width(line.substr(0, escape));
    line.remove_prefix(std::min(line.find('m', escape), line.size() - 1) + 1);
  }
  return width;
}

}  // namespace

std::size_t LiveLines::rows(std::size_t columns) const {
  if (columns >= columns_) return drawn_.size();
  std::size_t rows = 0;
  for (const std::string& line : drawn_) rows += std::max<std::size_t>(1, (shown_width(line) + columns - 1) / columns);
  return rows;
}

void LiveLines::begin_anew(std::size_t columns) {
  const std::string text = to_first_row(rows(columns)) + to_screen_end;
  std::fwrite(text.data(), 1, text.size(), stream_);
  drawn_.clear();
}

void LiveLines::draw(const std::vector<std::string>& lines, std::size_t columns) {
  if (!drawn_.empty() && columns != columns_) begin_anew(columns);
  columns_ = columns;
  if (lines == drawn_) return;
  std::string text = drawn_.empty() ? "" : to_first_row(drawn_.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += '\n';
    // The cursor must come to the end of the last line, also where that did not change.
    const bool is_there = i < drawn_.size() && lines[i] == drawn_[i] && i + 1 < lines.size();
    if (!is_there) text += lines[i] + to_line_end;
  }
  if (lines.size() < drawn_.size()) text += to_screen_end;
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
  drawn_ = lines;
}

void LiveLines::clear() {
  if (drawn_.empty()) return;
  begin_anew(static_cast<std::size_t>(width_of(stream_)));
  std::fflush(stream_);
}

}  // namespace cli
