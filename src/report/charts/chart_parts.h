#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/json_writer.h"

/// Pieces of Vega-Lite that the charts have in common.
namespace podium::report {

enum class Legend { hidden, shown };

/// A colour for each backend, told apart by the colour-blind too and dark enough for white paper, light enough for a dark page.
[[nodiscard]] Json backend_colour(const std::vector<std::string>& backends, Legend legend);
/// A shape for each precision: colour never tells alone.
[[nodiscard]] Json precision_shape(const std::vector<std::string>& precisions, Legend legend);
[[nodiscard]] Json precision_dash(const std::vector<std::string>& precisions, Legend legend);
/// One line for each name, in the order of the rows.
[[nodiscard]] Json name_lines();
/// Positive figures that may lie far apart. `room` is left free on both sides, in pixels.
[[nodiscard]] Json log_scale(std::string_view field, std::string_view title, int room = 8);
[[nodiscard]] Json linear_scale(std::string_view field, std::string_view title);
/// From low to high, fields of a row, along "x" or "y".
[[nodiscard]] Json interval_rule(const Json& colour, const char* channel, const char* low, const char* high);
[[nodiscard]] Json tooltip(const std::vector<std::pair<std::string, std::string>>& field_and_title);
/// As wide as the page lets it be. Whoever draws a chart of lines gives it its height, by the number of them.
[[nodiscard]] Json chart_of_lines();
[[nodiscard]] Json chart_of_height(int height);

}  // namespace podium::report
