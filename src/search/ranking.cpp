#include "search/ranking.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "measure/statistics.h"

namespace podium::search {
namespace {

/// Ratio of two cells. Cells of one heat share rounds and are paired; cells of different heats meet only through the baseline, and the
/// interval carries the variance of both comparisons (delta method on the logarithms).
std::optional<Ratio> ratio_between(const Cell& a, const Cell& b, const Cell* baseline) {
  if (auto direct = measure::paired_ratio(a.blocks, b.blocks)) return direct;
  if (baseline == nullptr) return std::nullopt;
  const auto first = measure::paired_ratio(a.blocks, baseline->blocks);
  const auto second = measure::paired_ratio(b.blocks, baseline->blocks);
  if (!first || !second) return std::nullopt;
  Ratio joined{first->value / second->value, std::nullopt};
  if (first->ci95 && second->ci95) {
    const auto half_width = [](const Interval& interval) { return 0.5 * std::log(interval.high / interval.low); };
    const double half = std::hypot(half_width(*first->ci95), half_width(*second->ci95));
    joined.ci95 = Interval{joined.value * std::exp(-half), joined.value * std::exp(half)};
  }
  return joined;
}

bool significantly_faster(const Cell& a, const Cell& b, const Cell* baseline) {
  const auto ratio = ratio_between(a, b, baseline);
  return ratio && ratio->ci95 && ratio->ci95->high < 1.0;
}

void fill_figures(Cell& cell) {
  cell.latency_ms = measure::summarize(cell.blocks);
  if (!cell.latency_ms) {
    cell.missing["latency_ms"] = cell.reason.empty() ? "no block was measured" : cell.reason;
    return;
  }
  cell.missing.erase("latency_ms");
  if (cell.latency_ms->median > 0.0) cell.throughput_per_s = static_cast<double>(cell.batch) * 1e3 / cell.latency_ms->median;
  if (!cell.latency_ms->p99) {
    cell.missing["latency_ms.p99"] = "fewer samples than the " + std::to_string(measure::samples_for_p99) + " that a 99th percentile needs";
  }
}

}  // namespace

void rank_cells(std::span<Cell*> cells) {
  std::vector<Cell*> ranked;
  const Cell* baseline = nullptr;
  for (Cell* cell : cells) {
    fill_figures(*cell);
    if (cell->is_baseline && cell->latency_ms) baseline = cell;
    if (cell->status == CellStatus::ok && cell->latency_ms) ranked.push_back(cell);
  }
  const auto best = std::min_element(ranked.begin(), ranked.end(),
                                     [](const Cell* a, const Cell* b) { return a->latency_ms->median < b->latency_ms->median; });
  for (Cell* cell : cells) {
    if (!cell->latency_ms) continue;
    if (baseline != nullptr)
      cell->ratio_to_baseline = cell == baseline ? Ratio{1.0, Interval{1.0, 1.0}} : measure::paired_ratio(cell->blocks, baseline->blocks);
    if (best != ranked.end()) cell->ratio_to_best = cell == *best ? Ratio{1.0, Interval{1.0, 1.0}} : ratio_between(*cell, **best, baseline);
  }
  for (Cell* cell : ranked) {
    cell->tied_with.clear();
    std::int64_t faster = 0;
    for (const Cell* other : ranked) {
      if (other == cell) continue;
      if (significantly_faster(*other, *cell, baseline))
        ++faster;
      else if (!significantly_faster(*cell, *other, baseline))
        cell->tied_with.push_back(other->id);
    }
    cell->rank = 1 + faster;
  }
}

}  // namespace podium::search
