#include "search/optimize/pareto.h"

#include <algorithm>
#include <array>
#include <limits>

namespace podium::search {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

/// Costs in the order latency, accuracy, memory: less is better.
using Costs = std::array<double, 3>;

/// Outputs identical to the baseline's, and the baseline itself, have no noise at all.
double noise_of(const Cell& cell) {
  if (cell.accuracy && cell.accuracy->drop) return *cell.accuracy->drop;
  if (cell.is_baseline) return cell.accuracy ? 0.0 : -unknown;
  if (cell.output_error.verdict == Verdict::not_checked) return unknown;
  return cell.output_error.sqnr_db ? -*cell.output_error.sqnr_db : -unknown;
}

Costs costs_of(const Cell& cell) {
  return {cell.latency_ms->median, noise_of(cell), cell.memory.peak_bytes ? static_cast<double>(*cell.memory.peak_bytes) : unknown};
}

bool dominates(const Costs& a, const Costs& b) {
  bool is_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    is_better = is_better || a[i] < b[i];
  }
  return is_better;
}

ParetoPoint point_of(const Cell& cell) {
  ParetoPoint point{cell.id, cell.batch, cell.latency_ms->median, std::nullopt, std::nullopt, cell.memory.peak_bytes};
  if (cell.accuracy) point.drop = cell.accuracy->drop;
  if (!cell.is_baseline && cell.output_error.verdict != Verdict::not_checked) point.sqnr_db = cell.output_error.sqnr_db;
  return point;
}

}  // namespace

std::vector<ParetoPoint> pareto_front(const std::vector<const Cell*>& cells) {
  std::vector<const Cell*> known;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(known),
               [](const Cell* cell) { return cell->status == CellStatus::ok && cell->latency_ms; });
  std::vector<ParetoPoint> front;
  for (const Cell* cell : known) {
    const Costs own = costs_of(*cell);
    const bool is_beaten = std::any_of(known.begin(), known.end(), [&](const Cell* other) { return dominates(costs_of(*other), own); });
    if (!is_beaten) front.push_back(point_of(*cell));
  }
  std::sort(front.begin(), front.end(), [](const ParetoPoint& a, const ParetoPoint& b) { return a.latency_ms < b.latency_ms; });
  return front;
}

}  // namespace podium::search
