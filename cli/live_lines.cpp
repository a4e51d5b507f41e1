#include "live_lines.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* to_line_end = "\x1b[K";
constexpr const char* to_screen_end = "\x1b[J";

/// From the last line to the first.
std::string to_first_line(std::size_t lines) {
  return lines > 1 ? fmt::format("\x1b[{}A\r", lines - 1) : "\r";
}

}  // namespace

void LiveLines::draw(const std::vector<std::string>& lines) {
  if (lines == drawn_) return;
  std::string text = drawn_.empty() ? "" : to_first_line(drawn_.size());
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
  const std::string text = to_first_line(drawn_.size()) + to_screen_end;
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
  drawn_.clear();
}

}  // namespace cli
