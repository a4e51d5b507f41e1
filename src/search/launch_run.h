#pragma once

#include <functional>

#include "measure/schedule.h"
#include "search/batch_state.h"

namespace podium::search {

/// One launch: every cell of it is loaded anew, measured in rounds beside the others and let go. Where memory is short, in heats that each
/// hold the baseline and the leader.
class LaunchRun {
 public:
  /// `plan` is asked when the cells of the first heat are open: only then is it known who shares the budget.
  LaunchRun(BatchState& state, std::function<measure::LaunchPlan()> plan) : state_(state), make_plan_(std::move(plan)) {}

  /// Cells whose worker already runs (the baseline, which was opened to judge by) are not loaded again.
  void measure(Indices cells);

 private:
  [[nodiscard]] Indices fill_heat(Indices& waiting);
  [[nodiscard]] bool is_done_without(const Indices& heat) const;
  [[nodiscard]] bool has_time_for(const LiveCell& cell, std::size_t open) const;
  [[nodiscard]] Indices running_of(const Indices& heat) const;
  [[nodiscard]] Indices within_reach(Indices running) const;
  [[nodiscard]] std::int64_t memory_of(const Indices& heat) const;
  void find_lead_ins(const Indices& heat);
  void measure_rounds(const Indices& heat);
  void measure_block(LiveCell& cell);
  void take_from_budget(std::chrono::nanoseconds took);
  void set_aside_on_evidence(Block& block, std::chrono::nanoseconds elapsed);
  [[nodiscard]] std::vector<machine::BusyProcess> foreign_since_last_scan();
  void take_memory(const Indices& heat);
  void take_scored_times(const Indices& heat);
  void choose_leader(const Indices& heat);
  void tell(const std::string& subject) const;

  BatchState& state_;
  std::function<measure::LaunchPlan()> make_plan_;
  measure::LaunchPlan plan_;
};

}  // namespace podium::search
