#include "report/csv_text.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"

namespace podium::report {
namespace {

/// Quoted where a comma, a quote or a line break makes it needed, quotes doubled.
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string whole = "\"";
  for (const char c : field) whole += c == '"' ? std::string("\"\"") : std::string(1, c);
  return whole + "\"";
}

/// Whether a spreadsheet would take what begins here for a formula; it passes over quotes and blanks.
bool begins_a_formula(std::string_view text) {
  constexpr std::string_view signs = "=+-@\t\r";
  const std::size_t first = text.find_first_not_of("\" ");
  return first != std::string_view::npos && signs.find(text[first]) != std::string_view::npos;
}

}  // namespace

std::string csv_text(std::string_view value) {
  const std::string text = printable(value);
  std::string safe = begins_a_formula(text) ? "'" : "";
  for (std::size_t at = 0; at < text.size(); ++at) {
    safe += text[at];
    // Where decimals are written with a comma, a semicolon begins the next field.
    if (text[at] == ';' && begins_a_formula(std::string_view(text).substr(at + 1))) safe += '\'';
  }
  return safe;
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string csv_number(std::int64_t value) {
  return std::to_string(value);
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::vector<std::string> safe;
  for (const std::string& field : fields) safe.push_back(quoted(field));
  return join(safe, ",") + "\r\n";
}

}  // namespace podium::report
