#include "search/optimize/halving.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "measure/comparison.h"
#include "measure/statistics.h"
#include "search/optimize/goal.h"

namespace podium::search {
namespace {

std::optional<double> median_of(const Cell& cell) {
  const std::vector<double> values = measure::scored_milliseconds(cell.blocks);
  return values.empty() ? std::nullopt : std::optional(measure::median(values));
}

/// Blocks tell latency while a search goes on; cells get their summaries at its end.
std::optional<double> known_figure(Goal goal, const Cell& cell) {
  return goal == Goal::latency ? median_of(cell) : figure_of(goal, cell);
}

Standings by_figure(Goal goal, const std::vector<const Cell*>& cells) {
  Standings all;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double figure = *known_figure(goal, *cells[i]);
    if (!all.leader || advantage(goal, figure, *known_figure(goal, *cells[*all.leader])) > 1.0) all.leader = i;
  }
  for (const Cell* cell : cells) {
    const double best = *known_figure(goal, *cells[*all.leader]);
    const double times = advantage(goal, best, *known_figure(goal, *cell));
    all.of.push_back({times, fmt::format("{}, {:.2f} times worse than the leader's {}", shown(goal, *known_figure(goal, *cell)), times,
                                         shown(goal, best))});
  }
  return all;
}

Standings by_latency(const std::vector<const Cell*>& cells, std::optional<std::size_t> baseline) {
  Standings all;
  std::vector<std::span<const Block>> blocks;
  std::vector<bool> measured;
  for (const Cell* cell : cells) {
    blocks.emplace_back(cell->blocks);
    measured.push_back(median_of(*cell).has_value());
  }
  const measure::Comparison comparison(blocks, baseline ? std::vector{*baseline} : std::vector<std::size_t>{});
  all.leader = comparison.fastest(measured);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Standing standing;
    const auto ratio = all.leader && measured[i] ? comparison.ratio(i, *all.leader) : std::nullopt;
    if (i == all.leader) standing.times_the_best = 1.0;
    if (ratio) standing.times_the_best = ratio->value;
    if (standing.times_the_best) {
      standing.text = fmt::format("{}, {:.2f} times the {} of {}", shown(Goal::latency, *median_of(*cells[i])), *standing.times_the_best,
                                  shown(Goal::latency, *median_of(*cells[*all.leader])), cells[*all.leader]->id);
    }
    all.of.push_back(std::move(standing));
  }
  return all;
}

}  // namespace

HalvingRule halving_rule(std::int64_t launches, bool is_stand_in) noexcept {
  HalvingRule rule;
  // Launches of one cell stray by some percent, so that two tell more than one.
  if (launches >= 2) rule = {1.12, 1.04, 2};
  if (is_stand_in) rule = {2.0, 1.5, 3};
  return rule;
}

Standings standings(Goal goal, const std::vector<const Cell*>& cells, std::optional<std::size_t> baseline) {
  if (cells.empty()) return {};
  const bool all_known =
      std::all_of(cells.begin(), cells.end(), [goal](const Cell* cell) { return known_figure(goal, *cell).has_value(); });
  if (goal != Goal::latency && all_known) return by_figure(goal, cells);
  Standings all = by_latency(cells, baseline);
  all.is_stand_in = goal != Goal::latency;
  return all;
}

std::vector<Leaving> who_leaves(const Standings& standings, const HalvingRule& rule) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < standings.of.size(); ++i) {
    if (standings.of[i].times_the_best) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return *standings.of[a].times_the_best < *standings.of[b].times_the_best; });
  const std::size_t half = std::max(rule.fewest, (order.size() + 1) / 2);
  std::vector<Leaving> leaving;
  for (std::size_t place = order.size(); place-- > 1;) {
    const Standing& standing = standings.of[order[place]];
    const bool is_lost = *standing.times_the_best >= rule.lost;
    const bool is_surplus = place >= half && *standing.times_the_best > rule.within_noise;
    if (is_lost || is_surplus) leaving.push_back({order[place], standing.text});
  }
  return leaving;
}

}  // namespace podium::search
