#include "report/markdown_text.h"

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

}  // namespace podium::report
