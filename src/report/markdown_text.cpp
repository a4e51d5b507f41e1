#include "report/markdown_text.h"

#include <fmt/format.h>

namespace podium::report {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const bool special = std::string_view("\\`*_[]#|~").find(c) != std::string_view::npos;
    if (special) safe += '\\';
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else
      safe += c;
  }
  return safe;
}

std::string list_section(std::string_view heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = fmt::format("\n## {}\n\n", heading);
  for (const std::string& line : lines) text += fmt::format("- {}\n", escaped(line));
  return text;
}

}  // namespace podium::report
