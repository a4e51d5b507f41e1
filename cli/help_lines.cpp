#include "help_lines.h"

#include <algorithm>
#include <cstdio>

#include "terminal.h"

namespace cli {
namespace {

constexpr std::size_t least_room = 24;
constexpr std::size_t least_indent = 6;

/// Of "  --batch N,...   batch sizes": behind the first gap of two blanks, else where the line begins.
std::size_t begin_of_text(std::string_view line) {
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", indent);
  const std::size_t text = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  return text == std::string_view::npos ? indent : text;
}

/// The flag's name without the blanks behind it.
std::string_view name_before(std::string_view line, std::size_t text) {
  return text == 0 ? line.substr(0, 0) : line.substr(0, line.find_last_not_of(' ', text - 1) + 1);
}

std::string broken_line(std::string_view line, std::size_t columns) {
  std::size_t indent = begin_of_text(line);
  std::string done(line.substr(0, indent));
  // Where there is no room beside the name, its text begins below it.
  if (indent + least_room > columns) {
    done = name_before(line, indent);
    if (!done.empty()) done += '\n';
    done.append(std::min(indent, least_indent), ' ');
  }
  line.remove_prefix(indent);
  indent = indent + least_room > columns ? std::min(indent, least_indent) : indent;
  const std::size_t room = columns - indent;
  while (line.size() > room) {
    std::size_t end = line.rfind(' ', room);
    if (end == std::string_view::npos) end = line.find(' ');  // a word that is wider than all goes as it is
    if (end == std::string_view::npos) break;
    done.append(line.substr(0, end)).append("\n").append(indent, ' ');
    line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
  }
  return done.append(line);
}

}  // namespace

std::string broken_to(std::string_view text, std::size_t columns) {
  std::string broken;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    broken += line.size() > columns ? broken_line(line, columns) : std::string(line);
    if (end < text.size()) broken += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return broken;
}

void print_help(const std::string& text) {
  print_out(is_terminal(stdout) ? broken_to(text, static_cast<std::size_t>(width_of(stdout))) : text);
}

}  // namespace cli
