#include "search/ranking.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "measure/comparison.h"
#include "measure/rounds.h"
#include "measure/statistics.h"

namespace podium::search {
namespace {

void fill_throughput(Cell& cell) {
  cell.throughput_per_s.reset();
  if (cell.throughput) {
    cell.throughput_per_s = cell.throughput->per_s;
    cell.missing.erase("throughput_per_s");
  } else if (cell.latency_ms) {
    cell.missing.try_emplace("throughput_per_s", "throughput mode was not measured; --mode both");
  }
}

void fill_figures(Cell& cell) {
  cell.latency_ms = measure::summarize(cell.blocks);
  cell.launches = measure::count_launches(cell.blocks).scored;
  fill_throughput(cell);
  if (!cell.latency_ms) {
    cell.spread.reset();
    cell.missing["latency_ms"] = cell.reason.empty() ? "no block was measured" : cell.reason;
    return;
  }
  cell.spread = measure::spread_of(cell.blocks);
  cell.missing.erase("latency_ms");
  if (cell.latency_ms->p99) {
    cell.missing.erase("latency_ms.p99");
  } else {
    cell.missing["latency_ms.p99"] = "fewer samples than the " + std::to_string(measure::samples_for_p99) + " that a 99th percentile needs";
  }
}

/// The cells that take part in the comparison: those to be ranked, and the baseline where it was measured.
struct Field {
  std::vector<Cell*> cells;
  std::vector<bool> ranked;
  std::optional<std::size_t> baseline;
};

Field field_of(std::span<Cell*> cells) {
  Field field;
  for (Cell* cell : cells) {
    const bool ranked = cell->status == CellStatus::ok && cell->latency_ms;
    if (!ranked && !(cell->is_baseline && cell->latency_ms)) continue;
    if (cell->is_baseline) field.baseline = field.cells.size();
    field.cells.push_back(cell);
    field.ranked.push_back(ranked);
  }
  return field;
}

/// Every heat holds the baseline and the cell that led when it began; the fastest by its median is as a rule that cell.
std::vector<std::size_t> bridges_of(const Field& field) {
  std::vector<std::size_t> bridges;
  std::optional<std::size_t> fastest;
  for (std::size_t i = 0; i < field.cells.size(); ++i) {
    if (!field.ranked[i]) continue;
    if (!fastest || field.cells[i]->latency_ms->median < field.cells[*fastest]->latency_ms->median) fastest = i;
  }
  if (field.baseline) bridges.push_back(*field.baseline);
  if (fastest && fastest != field.baseline) bridges.push_back(*fastest);
  return bridges;
}

measure::Comparison compare(const Field& field) {
  std::vector<std::span<const Block>> blocks;
  blocks.reserve(field.cells.size());
  for (const Cell* cell : field.cells) blocks.emplace_back(cell->blocks);
  return {std::move(blocks), bridges_of(field)};
}

void place(const Field& field, const measure::Comparison& comparison, std::size_t index) {
  Cell& cell = *field.cells[index];
  std::int64_t faster = 0;
  for (std::size_t other = 0; other < field.cells.size(); ++other) {
    if (other == index || !field.ranked[other]) continue;
    const measure::Relation relation = comparison.relation(other, index);
    if (relation == measure::Relation::faster) ++faster;
    if (relation == measure::Relation::tied) cell.tied_with.push_back(field.cells[other]->id);
  }
  cell.rank = 1 + faster;
}

void forget_comparisons(Cell& cell) {
  cell.rank.reset();
  cell.tied_with.clear();
  cell.ratio_to_baseline.reset();
  cell.ratio_to_best.reset();
}

/// Who was measured to the end before the others is as a rule the slowest: it was beaten early. Among such cells alone it would be the
/// fastest.
bool is_done(std::span<Cell* const> cells, bool was_stopped) {
  return std::none_of(cells.begin(), cells.end(),
                      [&](const Cell* cell) { return cell->status == CellStatus::partial && (was_stopped || !cell->blocks.empty()); });
}

}  // namespace

void rank_cells(std::span<Cell*> cells, bool was_stopped) {
  for (Cell* cell : cells) {
    forget_comparisons(*cell);
    fill_figures(*cell);
  }
  const bool has_ranks = is_done(cells, was_stopped);
  const Field field = field_of(cells);
  const measure::Comparison comparison = compare(field);
  const std::optional<std::size_t> best = has_ranks ? comparison.fastest(field.ranked) : std::nullopt;
  for (std::size_t i = 0; i < field.cells.size(); ++i) {
    if (field.baseline) field.cells[i]->ratio_to_baseline = comparison.ratio(i, *field.baseline);
    if (best) field.cells[i]->ratio_to_best = comparison.ratio(i, *best);
    if (has_ranks && field.ranked[i]) place(field, comparison, i);
  }
}

}  // namespace podium::search
