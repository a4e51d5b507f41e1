#include "standings.h"

#include <algorithm>

#include <fmt/format.h>

#include "podium/display.h"
#include "podium/names.h"

namespace cli {
namespace {

constexpr const char* dim = "\x1b[2m";
constexpr const char* green = "\x1b[32m";
constexpr const char* plain = "\x1b[0m";

constexpr std::size_t mark_width = 2;
constexpr std::size_t median_width = 11;
constexpr std::size_t interval_width = 9;
constexpr std::size_t launches_width = 10;
constexpr std::size_t ratio_width = 9;
/// Narrower terminals do without the launches, then without the interval.
constexpr int width_for_launches = 80;
constexpr int width_for_interval = 46;
/// Of a name; a terminal that is narrower still shows no table.
constexpr std::size_t least_name = 6;

/// Without batch size and device, which all rows have in common: "ENGINE/fp32/streams=2".
std::string short_name(const podium::Standing& standing) {
  std::string name = standing.cell;
  const std::size_t begin = name.find(fmt::format("/b{}/", standing.batch));
  if (begin == std::string::npos) return podium::printable(name);
  const std::size_t device = name.find('/', begin + 1) + 1;
  name.erase(begin, std::min(name.find('/', device), name.size()) - begin);
  return podium::printable(name);
}

/// Begin and end of a long name: options, which tell candidates of an engine apart, stand at its end.
std::string fitted(const std::string& name, std::size_t columns) {
  const std::size_t width = podium::display_width(name);
  if (width <= columns) return name;
  const std::size_t tail = columns / 2;
  std::string_view end = std::string_view(name).substr(podium::first_columns(name, width - tail).size());
  if (podium::display_width(end) > tail) end.remove_prefix(podium::first_columns(end, 2).size());  // a wide one was cut into
  return std::string(podium::first_columns(name, columns - tail - 1)).append("~").append(end);
}

struct Line {
  std::string mark, name, median, interval, launches, ratio;
};

/// How wide a name may be, and what is shown of a row.
struct Layout {
  std::size_t name_width;
  bool has_launches;
  bool has_interval;
  bool unicode;
};

/// Signs are replaced before they are aligned: a likeness may be wider.
std::string aligned(const Line& line, const Layout& layout) {
  const auto sign = [&layout](const std::string& text) { return layout.unicode ? text : in_ascii(text); };
  return fmt::format("{:<{}}{:<{}}{:>{}}{:>{}}{:>{}}{:>{}}", sign(line.mark), mark_width, fitted(line.name, layout.name_width),
                     layout.name_width, line.median, median_width, layout.has_interval ? sign(line.interval) : "",
                     layout.has_interval ? interval_width : 0, layout.has_launches ? line.launches : "",
                     layout.has_launches ? launches_width : 0, sign(line.ratio), ratio_width);
}

std::string percent_of(const podium::Standing& standing) {
  if (!standing.ci95) return "";
  const double half = (standing.ci95->high - standing.ci95->low) / 2.0 / standing.median_ms * 100.0;
  return half >= 1000.0 ? "" : half >= 10.0 ? fmt::format("±{:.0f} %", half) : fmt::format("±{:.1f} %", half);
}

std::string milliseconds(double value) {
  return value >= 100.0 ? fmt::format("{:.0f}", value) : value >= 10.0 ? fmt::format("{:.1f}", value) : fmt::format("{:.3g}", value);
}

std::string coloured(const char* colour, const std::string& line, const podium::TableStyle& style) {
  return style.colour ? colour + line + plain : line;
}

}  // namespace

std::string in_ascii(std::string text) {
  for (const auto& [sign, likeness] : {std::pair{"±", "+/-"}, {"×", "x"}, {"▸", ">"}, {"…", "..."}, {"█", "#"}, {"░", "."}, {"–", "-"}}) {
    for (std::size_t at = text.find(sign); at != std::string::npos; at = text.find(sign, at))
      text.replace(at, std::string_view(sign).size(), likeness);
  }
  return text;
}

void Standings::take(const podium::Standing& standing) {
  if (standing.batch != batch_) rows_.clear();
  batch_ = standing.batch;
  remove(standing.cell);
  const auto slower = std::find_if(rows_.begin(), rows_.end(), [&](const auto& row) { return row.median_ms > standing.median_ms; });
  rows_.insert(slower, standing);
}

void Standings::remove(const std::string& cell) {
  std::erase_if(rows_, [&](const podium::Standing& row) { return row.cell == cell; });
}

std::string Standings::best_in_words() const {
  if (rows_.empty()) return {};
  const podium::Standing& best = rows_.front();
  const std::string interval = percent_of(best);
  return fmt::format("{} {} ms{}{}", podium::printable(best.cell), milliseconds(best.median_ms), interval.empty() ? "" : " ", interval);
}

std::vector<const podium::Standing*> Standings::shown(std::size_t most, const std::string& running) const {
  std::vector<const podium::Standing*> rows;
  for (const podium::Standing& row : rows_) rows.push_back(&row);
  if (rows.size() <= most || most == 0) return rows;
  const auto now = std::find_if(rows.begin(), rows.end(), [&](const auto* row) { return row->cell == running; });
  const podium::Standing* last = now != rows.end() && now - rows.begin() >= static_cast<std::ptrdiff_t>(most) ? *now : rows[most - 1];
  rows.resize(most);
  rows.back() = last;
  return rows;
}

std::vector<std::string> Standings::table(const podium::TableStyle& style, std::size_t most_lines, const std::string& running) const {
  if (rows_.empty() || most_lines < 2) return {};
  const std::string heading = fmt::format("batch {}, so far", batch_);
  std::size_t widest = heading.size();
  for (const podium::Standing& row : rows_) widest = std::max(widest, podium::display_width(short_name(row)));
  Layout layout{widest, style.width >= width_for_launches, style.width >= width_for_interval, style.unicode};
  // One column is left free: a full line would make some terminals begin the next.
  const std::size_t figures =
      mark_width + median_width + (layout.has_interval ? interval_width : 0) + (layout.has_launches ? launches_width : 0) + ratio_width + 1;
  if (static_cast<std::size_t>(style.width) < figures + least_name) return {};
  layout.name_width = std::min(widest, static_cast<std::size_t>(style.width) - figures);
  std::vector<std::string> lines{coloured(dim, aligned({"", heading, "median ms", "±95%", "launches", "vs best"}, layout), style)};
  const bool some_are_hidden = rows_.size() + 1 > most_lines;
  const std::size_t most = some_are_hidden ? most_lines - 2 : most_lines - 1;
  for (const podium::Standing* row : shown(most, running)) {
    const bool is_best = row == &rows_.front();
    const std::string ratio = is_best ? "best" : fmt::format("{:.2f}×", row->median_ms / rows_.front().median_ms);
    const std::string line = aligned({row->cell == running ? "▸" : "", short_name(*row), milliseconds(row->median_ms), percent_of(*row),
                                      fmt::format("{}", row->launches), ratio},
                                     layout);
    lines.push_back(is_best ? coloured(green, line, style) : line);
  }
  if (some_are_hidden) lines.push_back(coloured(dim, fmt::format("  {} more", rows_.size() - most), style));
  return lines;
}

}  // namespace cli
