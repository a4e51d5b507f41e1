#include "data/label_table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "core/files.h"
#include "core/text.h"

namespace podium::data {

namespace {

constexpr std::size_t largest_table = std::size_t{256} << 20;
constexpr const char* remedy = "write a line FILE,LABEL for each picture, the label a number";

/// Takes a field and the comma behind it off the line; nothing where a quote is not closed.
std::optional<std::string> take_field(std::string_view& line) {
  std::string field;
  if (!line.starts_with('"')) {
    const std::size_t comma = line.find(',');
    field = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
    return field;
  }
  line.remove_prefix(1);
  while (true) {
    const std::size_t quote = line.find('"');
    if (quote == std::string_view::npos) return std::nullopt;
    field += line.substr(0, quote);
    line.remove_prefix(quote + 1);
    if (!line.starts_with('"')) break;  // a quote that is doubled stands for one
    field += '"';
    line.remove_prefix(1);
  }
  if (!line.empty() && line.front() != ',') return std::nullopt;
  line.remove_prefix(line.empty() ? 0 : 1);
  return field;
}

std::optional<float> number_in(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  float number = 0.0F;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<std::vector<LabelRow>> read_label_table(const std::filesystem::path& file) {
  const Result<std::string> text = read_text_file(file, largest_table);
  if (!text) return tl::unexpected(text.error());
  std::vector<LabelRow> rows;
  std::set<std::string> known;
  std::size_t number = 0;
  for (const std::string& whole : split(*text, '\n')) {
    ++number;
    std::string_view line = whole;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.empty()) continue;
    const auto wrong = [&](const std::string& why) {
      return fail(ErrorCode::bad_input, fmt::format("line {} of '{}' {}", number, printable(file.string()), why), remedy);
    };
    const auto name = take_field(line);
    const bool has_label = name && !line.empty();
    const auto label = has_label ? take_field(line) : std::nullopt;
    if (!label || name->empty() || !line.empty()) return wrong("does not hold a file and a label");
    const auto value = number_in(*label);
    if (!value && rows.empty() && number == 1) continue;  // a heading
    if (!value) return wrong(fmt::format("has the label '{}', which is no number", printable(*label)));
    if (!known.insert(*name).second) return wrong(fmt::format("names '{}' a second time", printable(*name)));
    rows.push_back({*name, *value});
  }
  if (rows.empty()) return fail(ErrorCode::bad_input, fmt::format("'{}' holds no labels", printable(file.string())), remedy);
  return rows;
}

}  // namespace podium::data
