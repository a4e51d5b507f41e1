#include "search/earlier_run.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "search/cell_median.h"

namespace podium::search {
namespace {

/// Whether the audit of what ran would end otherwise now, since the user lets other things pass.
bool is_judged_otherwise(const Cell& cell, const AuditPolicy& policy) {
  const bool was_rejected = cell.failure && (cell.failure->failure_class == "fallback" || cell.failure->failure_class == "wrong_precision");
  if (!cell.audit || (cell.status == CellStatus::rejected && !was_rejected)) return false;
  return was_rejected != objection(*cell.audit, policy).has_value();
}

std::int64_t time_of(const Block& block) {
  const auto of_lead_in = std::accumulate(block.lead_in_ns.begin(), block.lead_in_ns.end(), std::int64_t{0});
  return std::accumulate(block.samples_ns.begin(), block.samples_ns.end(), of_lead_in);
}

}  // namespace

Fate fate_of(const Cell& earlier, const PresentCell& now) {
  const bool answers = !now.key.empty();
  const bool has_key = !earlier.key.empty();
  if (answers && has_key && (earlier.key != now.key || !now.is_same_memory)) return Fate::begins_anew;
  switch (earlier.status) {
    case CellStatus::partial:
      return Fate::goes_on;
    case CellStatus::failed:
    case CellStatus::timeout:
    case CellStatus::out_of_memory:
      return Fate::tried_again;
    case CellStatus::unsupported:
      // One key is one answer, unless there is something to mend: a package that an engine lacks is in no key. Without a key it was
      // refused before its engine was asked to load it.
      return answers && (!earlier.remedy.empty() || (!has_key && !now.is_same_engine)) ? Fate::tried_again : Fate::stands;
    case CellStatus::ok:
    case CellStatus::rejected:
      return answers && is_judged_otherwise(earlier, now.policy) ? Fate::tried_again : Fate::stands;
  }
  return Fate::stands;
}

Cell identity_of(const Cell& cell) {
  Cell identity;
  identity.id = cell.id;
  identity.backend = cell.backend;
  identity.precision = cell.precision;
  identity.batch = cell.batch;
  identity.device = cell.device;
  identity.options = cell.options;
  identity.variant_sha256 = cell.variant_sha256;
  identity.mode = cell.mode;
  identity.concurrency = cell.concurrency;
  identity.timing_boundary = cell.timing_boundary;
  return identity;
}

void reopen(Cell& cell) {
  cell.status = CellStatus::partial;
  cell.reason.clear();
  cell.remedy.clear();
  cell.failure.reset();
}

std::chrono::nanoseconds time_from_budget(std::span<const Cell* const> cells) {
  double fastest = std::numeric_limits<double>::infinity();
  for (const Cell* cell : cells) {
    const bool answers_rightly = cell->status == CellStatus::ok || cell->status == CellStatus::partial;
    if (answers_rightly) fastest = std::min(fastest, median_of(*cell).value_or(fastest));
  }
  std::int64_t sum = 0;
  for (const Cell* cell : cells) {
    if (is_out_of_reach(*cell, median_of(*cell).value_or(0.0), fastest)) continue;
    for (const Block& block : cell->blocks) sum += time_of(block);
  }
  return std::chrono::nanoseconds(sum);
}

double share_of_budget(double budget_s, const SpentOfBudget& spent, std::size_t batches_left) {
  const double before_s = spent.all_s - spent.own_s - spent.later_s;
  const double equal_s = (budget_s - before_s) / static_cast<double>(batches_left);
  const double unspent_s = std::max(0.0, budget_s - spent.all_s);
  return std::min(equal_s, spent.own_s + unspent_s);
}

}  // namespace podium::search
