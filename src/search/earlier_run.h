#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "podium/results.h"
#include "search/audit_gate.h"

/// What a run that takes up another makes of its cells. Nothing here starts anything.
namespace podium::search {

/// What becomes of a cell that the earlier run has told its journal of.
enum class Fate {
  stands,       ///< its figures are this run's
  goes_on,      ///< it was not done: its blocks count, and more are measured
  tried_again,  ///< it broke, or was refused by something that has changed since; blocks that it has count
  begins_anew,  ///< engine, machine or model are others now: its blocks are of something else
};

/// A cell as it would be measured now.
struct PresentCell {
  std::string key;             ///< search/cell_key.h; empty where its engine does not answer
  bool is_same_memory = true;  ///< of the machine, which no key holds
  bool is_same_engine = true;  ///< in the version that the earlier run has recorded; false where it has recorded none
  AuditPolicy policy{};
};

[[nodiscard]] Fate fate_of(const Cell& earlier, const PresentCell& now);

/// What names a cell and goes into its key, without a figure.
[[nodiscard]] Cell identity_of(const Cell& cell);

/// As if it had not ended: what it was measured so far stays, why it ended goes.
void reopen(Cell& cell);

/// What the blocks of a batch size took from a budget: not those of cells out of reach of the fastest, which no budget pays for.
[[nodiscard]] std::chrono::nanoseconds time_from_budget(std::span<const Cell* const> cells);

/// Seconds of a budget that are used.
struct SpentOfBudget {
  double all_s = 0.0;    ///< by the whole run
  double own_s = 0.0;    ///< of these, by the batch size that is asked about: a run that was interrupted has measured it before
  double later_s = 0.0;  ///< by batch sizes behind it, likewise
};
/// What a batch size may use, its own seconds included: as much as each of those that are left, whether an earlier run has begun with them
/// or not, and never more than there is.
[[nodiscard]] double share_of_budget(double budget_s, const SpentOfBudget& spent, std::size_t batches_left);

}  // namespace podium::search
