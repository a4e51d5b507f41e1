#include <algorithm>

#include "report/json_writer.h"

namespace podium::report {
namespace {

constexpr std::size_t indent_columns = 2;

bool is_flat_array(const Json& value) {
  return value.is_array() && std::none_of(value.begin(), value.end(), [](const Json& item) { return item.is_structured(); });
}

/// A scalar, an array of scalars, or an object of nothing else.
bool fits_one_line(const Json& value) {
  if (!value.is_object()) return value.is_primitive() || is_flat_array(value);
  return std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_primitive() || is_flat_array(item); });
}

void append(std::string& text, const Json& value, std::size_t depth);

void append_members(std::string& text, const Json& value, std::size_t depth) {
  const std::string indent(depth * indent_columns, ' ');
  const char* separator = "\n";
  for (const auto& [key, item] : value.items()) {
    text += separator;
    text += indent;
    if (value.is_object()) text += one_line(key) + ": ";
    append(text, item, depth + 1);
    separator = ",\n";
  }
}

void append(std::string& text, const Json& value, std::size_t depth) {
  if (fits_one_line(value) && depth > 1) {
    text += one_line(value);
    return;
  }
  text += value.is_object() ? "{" : "[";
  append_members(text, value, depth);
  text += "\n" + std::string((depth - 1) * indent_columns, ' ');
  text += value.is_object() ? "}" : "]";
}

}  // namespace

std::string one_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string pretty(const Json& value) {
  std::string text;
  append(text, value, 1);
  return text + "\n";
}

}  // namespace podium::report
