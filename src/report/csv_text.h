#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Fields and lines of a CSV file (RFC 4180).
namespace podium::report {

/// A spreadsheet runs a text that begins like a formula; a name from a model file must not be run. Numbers of ours never pass here.
[[nodiscard]] std::string csv_text(std::string_view value);
/// Empty where it is no figure.
[[nodiscard]] std::string csv_number(double value);
[[nodiscard]] std::string csv_number(std::int64_t value);
template <typename T>
[[nodiscard]] std::string csv_number(const std::optional<T>& value) {
  return value ? csv_number(*value) : "";
}
/// Fields quoted where they must be, with the line's end.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace podium::report
