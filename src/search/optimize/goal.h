#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "podium/optimize.h"

namespace podium::search {

/// See podium::parse_goals().
[[nodiscard]] Result<Goals> parse_goals(const std::string& text);

/// A cell's figure: milliseconds, inputs a second, bytes or joules. Nothing where it was not measured.
[[nodiscard]] std::optional<double> figure_of(Goal goal, const Cell& cell);
/// "8.12 ms", "24.1 MB", "142 inputs/s".
[[nodiscard]] std::string shown(Goal goal, double figure);
/// Whether a search wants throughput of its finalists, or so many samples that their p99 is known.
[[nodiscard]] bool asks_for(const Goals& goals, Goal figure) noexcept;
/// How many times as good as `other` a figure is: over 1 is better.
[[nodiscard]] double advantage(Goal goal, double figure, double other) noexcept;

/// What keeps a cell from winning: a limit that it does not keep to. A figure that is not known yet objects only where `is_final`.
[[nodiscard]] std::optional<std::string> limit_objection(const Goals& goals, const Cell& cell, bool is_final);

}  // namespace podium::search
