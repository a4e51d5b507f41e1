#include "api/told_changes.h"

#include <cmath>

#include "search/throughput_blocks.h"

namespace podium::api {
namespace {

struct UnitsName {
  measure::Units units;
  ComparisonBasis basis;
};
constexpr UnitsName bases[] = {{measure::Units::runs, ComparisonBasis::runs},
                               {measure::Units::launches, ComparisonBasis::launches},
                               {measure::Units::rounds, ComparisonBasis::rounds}};

std::optional<Interval> inverse(const std::optional<Interval>& interval) {
  return interval ? std::optional(Interval{1.0 / interval->high, 1.0 / interval->low}) : std::nullopt;
}

}  // namespace

CellChange change_of(measure::Relation relation) {
  if (relation == measure::Relation::tied) return CellChange::tied;
  return relation == measure::Relation::faster ? CellChange::faster : CellChange::slower;
}

ComparisonBasis basis_of(measure::Units units) {
  for (const UnitsName& name : bases) {
    if (name.units == units) return name.basis;
  }
  return ComparisonBasis::rounds;
}

measure::RoundValues log_times_of_throughput(const Cell& cell) {
  measure::RoundValues values;
  if (!cell.throughput) return values;
  for (const double rate : search::launch_rates(cell.throughput_blocks, cell.throughput->requests, cell.batch)) {
    const auto launch = static_cast<std::int64_t>(values.size());
    if (rate > 0.0) values[launch][0] = -std::log(rate);
  }
  return values;
}

void tell(ThroughputComparison& comparison, const measure::Change& change, const measure::Judgement& judgement) {
  comparison.before_per_s = std::exp(-change.before.mean);
  comparison.after_per_s = std::exp(-change.after.mean);
  comparison.ratio = {1.0 / judgement.ratio.value, inverse(judgement.ratio.ci95), judgement.ratio.launches};
  comparison.corrected = inverse(judgement.corrected);
  comparison.basis = basis_of(change.units);
  comparison.units_before = static_cast<std::int64_t>(change.before.n);
  comparison.units_after = static_cast<std::int64_t>(change.after.n);
  if (judgement.corrected) comparison.change = change_of(judgement.relation);
}

}  // namespace podium::api
