#include "search/batch_run.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "machine/energy.h"
#include "machine/gpu_programs.h"
#include "measure/comparison.h"
#include "measure/device_clock.h"
#include "measure/rounds.h"
#include "measure/statistics.h"
#include "search/batch_state.h"
#include "search/earlier_run.h"
#include "search/launch_run.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;

/// Of a cell out of reach whose blocks are set aside: the disturbance may have passed by the second one. Each loads and warms up the
/// slowest cell of all, and its distance is known without.
constexpr std::int64_t most_launches_out_of_reach = 2;
constexpr const char* budget_used = "the budget was used";

nanoseconds to_nanoseconds(double seconds) {
  return nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

/// One batch size under way.
class BatchRun {
 public:
  explicit BatchRun(BatchState& state) : state_(state) {}

  Result<void> run() {
    take_up_earlier_blocks();
    choose_baseline();
    for (Indices next = open_cells(); !next.empty() && !state_.must_stop(); ++state_.launch) {
      LaunchRun(state_, [this] { return plan(); }).measure(next);
      if (state_.must_stop()) break;
      next = looked_for_doubt_ ? still_in_doubt() : beside_somebody(who_goes_on());
      if (next.empty() && !looked_for_doubt_) next = in_doubt();
    }
    finish();
    return state_.broken ? Result<void>(tl::unexpected(*state_.broken)) : Result<void>{};
  }

 private:
  /// Numbers go on behind those of an earlier run. Its baseline and its leader are measured again beside what is left, since the machine
  /// may have changed meanwhile.
  void take_up_earlier_blocks() {
    take_up_earlier_times();
    std::optional<std::size_t> leader;
    double leader_ms = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      const Cell& cell = state_.cells[i].cell;
      for (const Block& block : cell.blocks) {
        state_.launch = std::max(state_.launch, block.launch + 1);
        state_.round = std::max(state_.round, block.round + 1);
      }
      const std::vector<double> values = measure::scored_milliseconds(cell.blocks);
      if (values.empty() || (cell.status != CellStatus::ok && cell.status != CellStatus::partial)) continue;
      const double median = measure::median(values);
      if (median < leader_ms) {
        leader = i;
        leader_ms = median;
      }
    }
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      Cell& cell = state_.cells[i].cell;
      if (cell.status != CellStatus::ok || (i != leader && !cell.is_baseline)) continue;
      cell.status = CellStatus::partial;
      state_.cells[i].was_done = true;
      --done_;
    }
    state_.leader = leader;
  }

  void take_up_earlier_times() {
    std::vector<const Cell*> all;
    std::vector<const Cell*> done;
    for (const LiveCell& live : state_.cells) {
      all.push_back(&live.cell);
      if (live.cell.status == CellStatus::ok) done.push_back(&live.cell);
    }
    state_.measured = time_from_budget(all);
    time_of_done_ = time_from_budget(done);
    done_ = done.size();
  }

  /// Opens fp32 candidates in order of preference until one answers; its outputs are what all others are judged against.
  void choose_baseline() {
    Indices order(state_.request.baseline_order.begin(), state_.request.baseline_order.end());
    std::stable_partition(order.begin(), order.end(), [this](std::size_t index) { return state_.cells[index].cell.is_baseline; });
    for (LiveCell& cell : state_.cells) cell.cell.is_baseline = false;  // an earlier run's may be gone
    for (const std::size_t index : order) {
      LiveCell& cell = state_.cells[index];
      if (state_.cancel.requested()) return;
      if (!cell.is_open()) continue;
      state_.preparation.open(cell, state_.stage_of(cell));
      if (state_.cancel.requested()) return;
      if (!cell.is_running()) {
        state_.hooks.on_message(fmt::format("{} cannot be the baseline: {}", cell.cell.id, cell.cell.reason));
        state_.note(cell);
        continue;
      }
      if (auto made = state_.preparation.make_reference(cell); !made) {
        state_.keep_error(made);
        return;
      }
      state_.baseline = index;
      state_.note(cell);
      return;
    }
    if (state_.cancel.requested()) return;
    state_.hooks.on_message("no fp32 candidate answered, so answers are not checked and nothing is compared with a baseline");
  }

  /// The same for the usual launches, so that each weighs the same. Those that only contenders get are as long as a launch may be: loading
  /// them costs more than their rounds.
  measure::LaunchPlan plan() {
    if (!plan_) plan_ = plan_of_usual_launches();
    measure::LaunchPlan plan = *plan_;
    plan.rounds = rounds_of(state_.launch);
    return plan;
  }

  std::int64_t rounds_of(std::int64_t launch) const {
    const bool is_usual = state_.request.launches > 0 || launch < state_.request.stopping.usual_launches;
    return is_usual ? plan_->rounds : std::max(plan_->rounds, measure::most_rounds);
  }

  /// Cells that were rejected or broke leave their time to the others.
  measure::LaunchPlan plan_of_usual_launches() {
    const auto open = static_cast<double>(std::max<std::size_t>(open_cells().size(), 1));
    const auto done = static_cast<double>(done_);
    // Those that were never opened leave nothing to the others: there is no time.
    const double all = open + done + static_cast<double>(state_.left_out.size());
    const double asked_s = state_.request.budget.count();
    const double a_cell_s = asked_s > 0 ? asked_s / all : state_.request.default_budget_a_cell.count();
    // The default is for cells that are left; what others took has been paid.
    if (asked_s <= 0) default_budget_ = to_nanoseconds(a_cell_s * open);
    state_.budget = asked_s > 0 ? to_nanoseconds(asked_s * (open + done) / all) : default_budget_ + time_of_done_;
    const std::int64_t launches = state_.request.launches > 0 ? state_.request.launches : state_.request.stopping.usual_launches;
    measure::LaunchPlan plan = measure::plan_launch(to_nanoseconds(a_cell_s), launches);
    // A block holds a few calls at least: where calls are slow, fewer rounds keep to the budget.
    nanoseconds round{0};
    for (const std::size_t index : open_cells()) {
      const LiveCell& cell = state_.cells[index];
      if (state_.is_out_of_reach(cell)) continue;
      // The lead-in comes before the block's time, and its last call ends behind it, by half a call on the average.
      round += std::max(plan.block, cell.iteration * measure::fewest_scored_samples) + cell.iteration * cell.lead_in.value_or(0) +
               cell.iteration / 2;
    }
    if (round.count() == 0) return plan;
    const std::int64_t affordable = to_nanoseconds(a_cell_s * open / static_cast<double>(launches)) / round;
    plan.rounds = std::clamp<std::int64_t>(affordable, std::min<std::int64_t>(2, plan.rounds), plan.rounds);
    return plan;
  }

  /// Ends the cells that were measured enough and returns those of the next launch.
  Indices who_goes_on() {
    Indices open = open_cells();
    const measure::Comparison comparison = compare();
    if (state_.request.launches > 0) {
      const bool any_short = std::any_of(open.begin(), open.end(), [this](std::size_t index) { return is_short_of(index, asked()); });
      if (!any_short) return complete_all(open, asked_launches());
      rebuild_finalists(open, comparison);
      return open;
    }
    const std::vector<measure::StopDecision> decisions = decide(comparison);
    for (const std::size_t index : open) {
      if (const auto reason = lost_by_its_calls(index, comparison)) {
        complete(state_.cells[index], *reason);
        continue;
      }
      const bool is_lost = decisions[index].is_out_of_reach && index != state_.baseline;
      const bool is_measured = is_lost || !is_short_of(index, fewest());
      if (!decisions[index].goes_on && is_measured) complete(state_.cells[index], decisions[index].reason);
    }
    open = open_cells();
    rebuild_finalists(open, comparison);
    return within_budget(open, decisions);
  }

  /// Why a cell out of reach ends though no scored block tells its distance to the leader: either's were set aside. The stopping rule,
  /// which sees blocks alone, would let it go on until one is scored.
  std::optional<std::string> lost_by_its_calls(std::size_t index, const measure::Comparison& comparison) const {
    const LiveCell& cell = state_.cells[index];
    if (!state_.is_out_of_reach(cell) || (state_.leader && comparison.log_ratio(index, *state_.leader))) return std::nullopt;
    const std::string distance =
        fmt::format("cannot win: its calls took {:.1f}× the time of the fastest while it warmed up", state_.times_the_fastest(cell));
    if (!measure::scored_milliseconds(cell.cell.blocks).empty()) return distance;
    if (launches_of(index) < most_launches_out_of_reach) return std::nullopt;
    return distance + fmt::format("; the machine disturbed each of its {} launches", launches_of(index));
  }

  std::int64_t asked() const { return state_.request.launches; }
  std::int64_t fewest() const { return state_.request.stopping.fewest_launches; }
  std::int64_t launches_of(std::size_t index) const { return measure::count_launches(state_.cells[index].cell.blocks).all; }
  /// A cell that was added to an earlier run, or began anew, has fewer launches than the run.
  bool is_short_of(std::size_t index, std::int64_t launches) const { return launches_of(index) < launches; }

  std::string asked_launches() const {
    return state_.request.launches == 1 ? "one launch, as asked" : fmt::format("{} launches, as asked", state_.request.launches);
  }

  std::vector<std::span<const Block>> blocks_of_all() const {
    std::vector<std::span<const Block>> blocks;
    for (const LiveCell& cell : state_.cells) blocks.emplace_back(cell.cell.blocks);
    return blocks;
  }

  measure::Comparison compare() const {
    Indices bridges;
    for (const auto& bridge : {state_.baseline, state_.leader}) {
      if (bridge) bridges.push_back(*bridge);
    }
    return {blocks_of_all(), bridges};
  }

  std::vector<measure::StopDecision> decide(const measure::Comparison& comparison) const {
    std::vector<bool> live;
    for (const LiveCell& cell : state_.cells) live.push_back(cell.is_open());
    return measure::decide(live, comparison, state_.request.stopping);
  }

  /// Cells that could still win run a new build of their artefact in the later launches, so that luck in building is in the interval. A
  /// build that takes longer than all measuring would cost more than it tells.
  void rebuild_finalists(const Indices& open, const measure::Comparison& comparison) {
    for (const std::size_t index : open) {
      LiveCell& cell = state_.cells[index];
      if (launches_of(index) < fewest()) continue;
      if (!cell.is_compiled || cell.build >= state_.request.rebuilds || !state_.leader) continue;
      if (to_nanoseconds(cell.cell.build_s.value_or(0.0)) > state_.budget) continue;
      const auto ratio = comparison.ratio(index, *state_.leader);
      if (index == *state_.leader || (ratio && ratio->ci95 && ratio->ci95->low <= 1.0 + measure::equivalence_margin)) ++cell.build;
    }
  }

  /// How many cells the rest of the budget pays the next launch of, to the nearest: five planned launches that took a little longer than
  /// planned are five.
  std::size_t affordable() const {
    const std::int64_t left = std::max<std::int64_t>((state_.budget - state_.measured).count(), 0);
    const std::int64_t cost = std::max<std::int64_t>(cost_of_a_launch().count(), 1);
    return static_cast<std::size_t>((left + cost / 2) / cost);
  }

  /// A restless machine needs more launches for the same answer: those that are in doubt when the default budget is used get the same time
  /// again, ended or not. A budget that was asked for is what it says.
  Indices in_doubt() {
    looked_for_doubt_ = true;
    if (state_.request.budget.count() > 0 || state_.request.launches > 0) return {};
    std::vector<bool> eligible;
    for (const LiveCell& cell : state_.cells) eligible.push_back(cell.cell.status == CellStatus::ok && cell.prepared);
    const std::vector<bool> doubtful = measure::in_doubt(eligible, compare());
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      if (!doubtful[i]) continue;
      state_.cells[i].cell.status = CellStatus::partial;
      state_.cells[i].was_done = false;
      state_.cells[i].in_doubt = true;
    }
    state_.budget += default_budget_;
    return still_in_doubt();
  }

  /// All of them go on together, whichever are told apart by now (see measure::in_doubt), to twice the usual launches.
  Indices still_in_doubt() {
    for (const std::size_t index : open_cells()) {
      if (launches_of(index) >= 2 * state_.request.stopping.usual_launches) complete(state_.cells[index], budget_used);
    }
    const Indices open = open_cells();
    return open.size() >= 2 && affordable() >= open.size() ? open : complete_all(open, budget_used);
  }

  /// The next launch takes whom it helps most, as far as the budget goes; none where not even two fit.
  Indices within_budget(Indices open, const std::vector<measure::StopDecision>& decisions) {
    const auto owed = static_cast<std::size_t>(
        std::count_if(open.begin(), open.end(), [this](std::size_t index) { return is_short_of(index, fewest()); }));
    if (owed == 0 && (affordable() < std::min<std::size_t>(open.size(), 2) || !has_time_for_a_launch_of(open)))
      return complete_all(open, budget_used);
    // Who is owed a launch gets it beside the leader, whatever the budget says.
    const std::size_t fitting = std::max(affordable(), owed > 0 ? owed + 1 : 0);
    if (fitting >= open.size()) return open;
    std::stable_sort(open.begin(), open.end(), [&](std::size_t a, std::size_t b) {
      if ((a == state_.leader) != (b == state_.leader)) return a == state_.leader;  // every comparison needs it
      if (is_short_of(a, fewest()) != is_short_of(b, fewest())) return is_short_of(a, fewest());
      return decisions[a].need > decisions[b].need;
    });
    for (std::size_t i = fitting; i < open.size(); ++i) complete(state_.cells[open[i]], budget_used);
    open.resize(fitting);
    return open;
  }

  /// The budget counts measuring; this counts what it takes to open the cells besides.
  bool has_time_for_a_launch_of(const Indices& open) const {
    if (!state_.request.may_launch) return true;
    double seconds = std::chrono::duration<double>(cost_of_a_launch()).count() * static_cast<double>(open.size());
    for (const std::size_t index : open) seconds += state_.cells[index].opening_s.value_or(0.0);
    return state_.request.may_launch(seconds);
  }

  /// Of one cell in the next launch, by what blocks of this run have cost; slow calls make them longer than planned.
  nanoseconds cost_of_a_launch() const {
    if (state_.blocks_now == 0 || !plan_) return nanoseconds(0);
    return state_.measured_now / state_.blocks_now * rounds_of(state_.launch + 1);
  }

  Indices complete_all(const Indices& cells, const std::string& reason) {
    for (const std::size_t index : cells) complete(state_.cells[index], reason);
    return {};
  }

  /// Nobody, where all who go on were done by an earlier run: they are measured again for the others.
  Indices beside_somebody(Indices open) {
    const bool are_alone = std::all_of(open.begin(), open.end(), [this](std::size_t index) { return state_.cells[index].was_done; });
    return are_alone ? complete_all(open, {}) : open;
  }

  std::string energy_reason() const { return state_.request.gpu ? "the driver tells no energy of this GPU" : state_.load.energy_reason(); }

  void complete(LiveCell& cell, const std::string& reason) {
    if (!cell.is_open()) return;
    cell.cell.status = CellStatus::ok;
    cell.cell.reason.clear();
    if (!cell.was_done) cell.cell.stop_reason = reason;
    machine::take_energy(cell.cell, energy_reason());
    machine::tell_unknown_gpu_use(cell.cell, state_.load.gpu_foreign_reason());
    measure::take_device_clock(cell.cell);
    cell.release();
    state_.note(cell);
  }

  Indices open_cells() const {
    Indices open;
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      if (state_.cells[i].is_open() && !state_.left_out.contains(i)) open.push_back(i);
    }
    return open;
  }

  void finish() {
    for (const std::size_t index : state_.left_out) state_.cells[index].cell.reason = "there was no time to try it";
    for (LiveCell& cell : state_.cells) {
      if (cell.is_open() && (cell.was_done || cell.in_doubt)) {
        cell.cell.status = CellStatus::ok;  // what had been done stays done
        state_.note(cell);
      }
      if (cell.is_open() && cell.cell.reason.empty()) {
        cell.cell.reason =
            state_.cancel.requested() ? "the run was stopped before this cell was done" : "the run ended before this cell was done";
      }
      cell.release();
    }
  }

  BatchState& state_;
  std::optional<measure::LaunchPlan> plan_;
  nanoseconds default_budget_{0};  ///< of the cells that are left, where none was asked for
  bool looked_for_doubt_ = false;  ///< whether cells in doubt were looked for, and given that budget again
  std::size_t done_ = 0;           ///< cells that an earlier run has done, and that are not measured again
  nanoseconds time_of_done_{0};    ///< what it spent on those that it has done
};

}  // namespace

Result<void> run_batch(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
                       const CancelToken& cancel) {
  BatchState state(cells, batches, request, hooks, cancel);
  return BatchRun(state).run();
}

}  // namespace podium::search
