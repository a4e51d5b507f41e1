#include "search/optimize/halving.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "measure/comparison.h"
#include "search/cell_median.h"
#include "search/optimize/goal.h"

namespace podium::search {
namespace {

/// A cell of which no undisturbed block lies beside one of the leader's is still known to be slow where it is so far behind.
std::optional<double> how_far_behind(const Cell& cell, const Cell& leader) {
  constexpr double beyond_disturbance = 1.5;
  const auto own = rough_median_of(cell);
  const auto best = rough_median_of(leader);
  if (!own || !best || *own < beyond_disturbance * *best) return std::nullopt;
  return *own / *best;
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

/// What cells without a common launch are compared over: indices into `cells`, to which a baseline that is not among them is added.
std::vector<std::size_t> add_bridges(std::vector<const Cell*>& cells, const Cell* baseline) {
  std::vector<std::size_t> bridges;
  std::optional<std::size_t> fastest;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto median = median_of(*cells[i]);
    if (median && (!fastest || *median < *median_of(*cells[*fastest]))) fastest = i;
  }
  if (baseline != nullptr) {
    const auto known = std::find(cells.begin(), cells.end(), baseline);
    bridges.push_back(static_cast<std::size_t>(known - cells.begin()));
    if (known == cells.end()) cells.push_back(baseline);
  }
  if (fastest && (bridges.empty() || bridges.front() != *fastest)) bridges.push_back(*fastest);
  return bridges;
}

Standings by_latency(const std::vector<const Cell*>& cells, const Cell* baseline) {
  Standings all;
  std::vector<const Cell*> compared = cells;
  const std::vector<std::size_t> bridges = add_bridges(compared, baseline);
  std::vector<std::span<const Block>> blocks;
  std::vector<bool> eligible;
  for (std::size_t i = 0; i < compared.size(); ++i) {
    blocks.emplace_back(compared[i]->blocks);
    eligible.push_back(i < cells.size() && median_of(*compared[i]).has_value());
  }
  const measure::Comparison comparison(blocks, bridges);
  all.leader = comparison.fastest(eligible);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Standing standing;
    const auto ratio = all.leader && eligible[i] ? comparison.ratio(i, *all.leader) : std::nullopt;
    if (i == all.leader) standing.times_the_best = 1.0;
    if (ratio) standing.times_the_best = ratio->value;
    if (!standing.times_the_best && all.leader) standing.times_the_best = how_far_behind(*cells[i], *cells[*all.leader]);
    if (standing.times_the_best) {
      const double own_ms = median_of(*cells[i]).value_or(rough_median_of(*cells[i]).value_or(0.0));
      // Of rounds that both were in; the leader's own median is of more of them, and need not give the same ratio.
      const char* basis = ratio ? " in the rounds of both" : "";
      standing.text =
          fmt::format("{}, {:.2f} times the time{} of {} ({} in all of its rounds)", shown(Goal::latency, own_ms), *standing.times_the_best,
                      basis, cells[*all.leader]->id, shown(Goal::latency, *median_of(*cells[*all.leader])));
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

Standings standings(Goal goal, const std::vector<const Cell*>& cells, const Cell* baseline) {
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
