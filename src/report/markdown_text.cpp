#include "report/markdown_text.h"

#include <fmt/format.h>

#include <cctype>

namespace podium::report {
namespace {

bool is_letter(std::string_view text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
}

/// Whether a forge would make a link or a call to somebody of what begins here, in plain text too: "://", "www.", "@name".
bool begins_a_link(std::string_view text, std::size_t at) {
  const bool is_name = text[at] == '@' && is_letter(text, at + 1) && std::isdigit(static_cast<unsigned char>(text[at + 1])) == 0;
  return is_name || text.substr(at).starts_with("://") || (text[at] == '.' && at >= 3 && text.substr(at - 3, 3) == "www");
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
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
    if (begins_a_link(text, at)) safe += "<!-- -->";
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
