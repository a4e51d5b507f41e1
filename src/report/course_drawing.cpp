#include "report/course_drawing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

namespace podium::report {
namespace {

constexpr std::size_t most_runs = 32;
constexpr std::array<std::string_view, 8> heights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
/// A course of less from its lowest to its highest fills a part of the height only: noise is not to look like news.
constexpr double smallest_span = 0.08;

struct Scale {
  double low = 0.0;
  double span = smallest_span;

  [[nodiscard]] std::string_view height(double ms) const {
    const double share = (std::log(ms) - low) / span;
    const auto step = static_cast<std::ptrdiff_t>(std::floor(share * static_cast<double>(heights.size())));
    return heights[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(step, 0, std::ssize(heights) - 1))];
  }
};

/// Runs that stand alone do not stretch it.
Scale scale_of(const HistoryLine& line) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const HistoryPoint& point : line.points) {
    if (!point.ms || point.stands_alone) continue;
    low = std::min(low, std::log(*point.ms));
    high = std::max(high, std::log(*point.ms));
  }
  const double span = std::max(smallest_span, high - low);
  return {0.5 * (low + high - span), span};
}

}  // namespace

std::string course_drawing(const HistoryLine& line) {
  if (line.levels.empty()) return {};
  const Scale scale = scale_of(line);
  const std::size_t first = line.points.size() - std::min(most_runs, line.points.size());
  std::string text = first > 0 ? "…" : "";
  for (std::size_t i = first; i < line.points.size(); ++i) {
    const HistoryPoint& point = line.points[i];
    const bool begins =
        std::any_of(line.changes.begin(), line.changes.end(), [&](const HistoryChange& one) { return one.run == point.run; });
    if (begins) text += "│";
    text += point.ms ? scale.height(*point.ms) : "×";
  }
  return text;
}

}  // namespace podium::report
