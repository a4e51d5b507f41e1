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

}  // namespace

std::string csv_text(std::string_view value) {
  std::string safe = printable(value);
  const std::string_view starts_formula = "=+-@\t\r";
  if (!safe.empty() && starts_formula.find(safe.front()) != std::string_view::npos) safe.insert(0, "'");
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
