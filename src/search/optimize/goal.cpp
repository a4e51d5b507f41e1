#include "search/optimize/goal.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/name_table.h"
#include "core/text.h"

namespace podium::search {
namespace {

constexpr std::pair<Goal, std::string_view> goal_names[] = {
    {Goal::latency, "latency"}, {Goal::throughput, "throughput"},       {Goal::p99, "p99"},
    {Goal::memory, "memory"},   {Goal::artifact_size, "artifact-size"}, {Goal::energy, "energy"},
};

/// A unit as it is typed behind a number, and what it multiplies.
struct Unit {
  std::string_view name;
  double factor;
};

struct Figure {
  Goal goal;
  std::vector<Unit> units;  ///< the first is that of the canonical spelling
  std::string_view key;     ///< in Cell::missing
};

const Figure& facts_of(Goal goal) {
  static const std::vector<Unit> times{{"ms", 1.0}, {"s", 1e3}, {"us", 1e-3}};
  static const std::vector<Unit> sizes{{"MB", 1e6},     {"B", 1.0},         {"kB", 1e3},          {"GB", 1e9},
                                       {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}};
  static const std::vector<Figure> figures{
      {Goal::latency, times, "latency_ms"},           {Goal::throughput, {{"/s", 1.0}}, "throughput_per_s"},
      {Goal::p99, times, "latency_ms.p99"},           {Goal::memory, sizes, "memory.peak_bytes"},
      {Goal::artifact_size, sizes, "artifact_bytes"}, {Goal::energy, {{"J", 1.0}, {"mJ", 1e-3}}, "energy_j_per_inference"},
  };
  return *std::find_if(figures.begin(), figures.end(), [goal](const Figure& figure) { return figure.goal == goal; });
}

constexpr const char* spelling = "write one goal, and limits before it where there are any, as in --goal 'p99<=20ms, throughput'";

std::vector<std::string> known_goals() {
  std::vector<std::string> names;
  for (const auto& [goal, name] : goal_names) names.emplace_back(name);
  return names;
}

tl::unexpected<Error> refused(const std::string& text, const std::string& what, const std::string& remedy = spelling) {
  return fail(ErrorCode::wrong_use, fmt::format("--goal '{}': {}", printable(text), what), remedy);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

Result<Goal> parse_name(const std::string& text, const std::string& name) {
  if (const auto goal = podium::parse_goal(name)) return *goal;
  return refused(text, fmt::format("there is no goal '{}'{}", printable(name), did_you_mean(name, known_goals())),
                 fmt::format("choose from {}", join(known_goals(), ", ")));
}

Result<GoalLimit> parse_limit(const std::string& text, const std::string& term, std::size_t sign) {
  const auto goal = parse_name(text, trimmed(term.substr(0, sign)));
  if (!goal) return tl::unexpected(goal.error());
  const bool is_least = term[sign] == '>';
  if (is_least != (*goal == Goal::throughput)) {
    return refused(text,
                   fmt::format("of {} the limit is the {}", to_string(*goal), is_least ? "most that it may be" : "least that it may be"),
                   is_least ? "write it with <=" : "write it with >=");
  }
  const std::string number = trimmed(term.substr(sign + 2));
  double value = 0.0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const std::string unit = trimmed(std::string_view(end, static_cast<std::size_t>(number.data() + number.size() - end)));
  std::vector<std::string> units;
  for (const Unit& known : facts_of(*goal).units) {
    units.emplace_back(known.name);
    if (error == std::errc() && std::isfinite(value) && value > 0.0 && unit == known.name) return GoalLimit{*goal, value * known.factor};
  }
  return refused(text, fmt::format("'{}' is no limit of {}", printable(number), to_string(*goal)),
                 fmt::format("write a number above 0 with its unit ({})", join(units, ", ")));
}

/// "20 ms" as "20ms": what was typed comes back in one unit.
std::string limit_text(const GoalLimit& limit) {
  const Unit& unit = facts_of(limit.figure).units.front();
  return fmt::format("{}{}{:.6g}{}", to_string(limit.figure), limit.figure == Goal::throughput ? ">=" : "<=", limit.value / unit.factor,
                     unit.name);
}

std::optional<double> as_double(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

}  // namespace

Result<Goals> parse_goals(const std::string& text) {
  Goals goals;
  bool is_named = false;
  for (const std::string& part : split(text, ',')) {
    const std::string term = trimmed(part);
    const auto sign = term.find_first_of("<>");
    if (sign == std::string::npos) {
      const auto goal = parse_name(text, term);
      if (!goal) return tl::unexpected(goal.error());
      if (is_named) return refused(text, fmt::format("both {} and {} cannot be best", to_string(goals.best), to_string(*goal)));
      goals.best = *goal;
      is_named = true;
      continue;
    }
    if (term.substr(sign + 1, 1) != "=")
      return refused(text, fmt::format("'{}' is no limit", printable(term)), "write limits with <= or >=");
    const auto limit = parse_limit(text, term, sign);
    if (!limit) return tl::unexpected(limit.error());
    if (std::any_of(goals.limits.begin(), goals.limits.end(), [&](const GoalLimit& other) { return other.figure == limit->figure; }))
      return refused(text, fmt::format("{} has two limits", to_string(limit->figure)), "give each figure one limit");
    goals.limits.push_back(*limit);
  }
  if (!is_named) return refused(text, "it names limits, and nothing to make best");
  return goals;
}

std::optional<double> figure_of(Goal goal, const Cell& cell) {
  switch (goal) {
    case Goal::latency:
      return cell.latency_ms ? std::optional(cell.latency_ms->median) : std::nullopt;
    case Goal::throughput:
      return cell.throughput_per_s;
    case Goal::p99:
      return cell.latency_ms ? cell.latency_ms->p99 : std::nullopt;
    case Goal::memory:
      return as_double(cell.memory.peak_bytes);
    case Goal::artifact_size:
      return as_double(cell.artifact_bytes);
    case Goal::energy:
      return cell.energy_j_per_inference;
  }
  return std::nullopt;
}

std::string shown(Goal goal, double figure) {
  if (goal == Goal::memory || goal == Goal::artifact_size) return human_bytes(figure);
  if (goal == Goal::throughput) return fmt::format("{:.4g} inputs/s", figure);
  return fmt::format("{:.4g} {}", figure, facts_of(goal).units.front().name);
}

bool asks_for(const Goals& goals, Goal figure) noexcept {
  return goals.best == figure ||
         std::any_of(goals.limits.begin(), goals.limits.end(), [figure](const GoalLimit& limit) { return limit.figure == figure; });
}

double advantage(Goal goal, double figure, double other) noexcept {
  if (goal == Goal::throughput) std::swap(figure, other);
  return figure > 0.0 ? other / figure : 1.0;
}

std::optional<std::string> limit_objection(const Goals& goals, const Cell& cell, bool is_final) {
  for (const GoalLimit& limit : goals.limits) {
    const auto figure = figure_of(limit.figure, cell);
    if (!figure && is_final) {
      const auto why = cell.missing.find(std::string(facts_of(limit.figure).key));
      return fmt::format("its {} is not known{}", to_string(limit.figure), why == cell.missing.end() ? "" : ": " + why->second);
    }
    // Of few samples the median says already that a tail is too long; the tail itself is judged at the end.
    const auto told = figure || limit.figure != Goal::p99 ? figure : figure_of(Goal::latency, cell);
    if (told && advantage(limit.figure, *told, limit.value) < 1.0) {
      return fmt::format("its {} of {} is beyond the limit of {}", figure ? to_string(limit.figure) : "median latency",
                         shown(limit.figure, *told), shown(limit.figure, limit.value));
    }
  }
  return std::nullopt;
}

}  // namespace podium::search

namespace podium {

std::string_view to_string(Goal goal) noexcept {
  return name_in(search::goal_names, goal);
}

std::optional<Goal> parse_goal(std::string_view name) noexcept {
  return value_in(search::goal_names, name);
}

std::string to_string(const Goals& goals) {
  std::vector<std::string> terms;
  for (const GoalLimit& limit : goals.limits) terms.push_back(search::limit_text(limit));
  terms.emplace_back(to_string(goals.best));
  return join(terms, ", ");
}

Goals parse_goals(const std::string& text) {
  return value_or_throw(search::parse_goals(text));
}

}  // namespace podium
