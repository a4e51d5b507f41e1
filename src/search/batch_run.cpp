#include "search/batch_run.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "machine/energy.h"
#include "measure/comparison.h"
#include "measure/statistics.h"
#include "search/batch_state.h"
#include "search/launch_run.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;

constexpr double default_seconds_a_cell = 10.0;

nanoseconds to_nanoseconds(double seconds) {
  return nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

nanoseconds time_of(const Block& block) {
  const auto sum = [](const std::vector<std::int64_t>& samples) {
    return std::accumulate(samples.begin(), samples.end(), std::int64_t{0});
  };
  return nanoseconds(sum(block.lead_in_ns) + sum(block.samples_ns));
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
      next = who_goes_on();
    }
    finish();
    return state_.broken ? Result<void>(tl::unexpected(*state_.broken)) : Result<void>{};
  }

 private:
  /// Numbers go on behind those of an earlier run. Its baseline and its leader are measured again beside what is left, since the machine
  /// may have changed meanwhile.
  void take_up_earlier_blocks() {
    std::optional<std::size_t> leader;
    double leader_ms = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      const Cell& cell = state_.cells[i].cell;
      for (const Block& block : cell.blocks) {
        state_.launch = std::max(state_.launch, block.launch + 1);
        state_.round = std::max(state_.round, block.round + 1);
        state_.measured += time_of(block);
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
      if (cell.status == CellStatus::ok && (i == leader || cell.is_baseline)) cell.status = CellStatus::partial;
    }
    state_.leader = leader;
  }

  /// Opens fp32 candidates in order of preference until one answers; its outputs are what all others are judged against.
  void choose_baseline() {
    Indices order(state_.request.baseline_order.begin(), state_.request.baseline_order.end());
    std::stable_partition(order.begin(), order.end(), [this](std::size_t index) { return state_.cells[index].cell.is_baseline; });
    for (const std::size_t index : order) {
      LiveCell& cell = state_.cells[index];
      if (state_.cancel.requested()) return;
      if (!cell.is_open()) continue;
      cell.cell.is_baseline = false;
      state_.preparation.open(cell, state_.stage_of(cell));
      if (state_.cancel.requested()) return;
      if (!cell.is_running()) {
        state_.hooks.on_message(fmt::format("{} cannot be the baseline: {}", cell.cell.id, cell.cell.reason));
        state_.note(cell);
        continue;
      }
      state_.preparation.make_reference(cell);
      state_.baseline = index;
      state_.note(cell);
      return;
    }
    if (state_.cancel.requested()) return;
    state_.hooks.on_message("no fp32 candidate answered, so answers are not checked and nothing is compared with a baseline");
  }

  /// The same for all launches, so that each weighs the same; cells that were rejected or broke leave their time to the others.
  measure::LaunchPlan plan() {
    if (plan_) return *plan_;
    const auto cells = static_cast<double>(std::max<std::size_t>(open_cells().size(), 1));
    const double budget_s = state_.request.budget.count() > 0 ? state_.request.budget.count() : default_seconds_a_cell * cells;
    state_.budget = to_nanoseconds(budget_s);
    const std::int64_t launches = state_.request.launches > 0 ? state_.request.launches : state_.request.stopping.usual_launches;
    plan_ = measure::plan_launch(to_nanoseconds(budget_s / cells), launches);
    return *plan_;
  }

  /// Ends the cells that were measured enough and returns those of the next launch.
  Indices who_goes_on() {
    Indices open = open_cells();
    const std::int64_t launches = state_.launch + 1;
    if (state_.request.launches > 0) return launches < state_.request.launches ? open : complete_all(open, asked_launches());
    const measure::Comparison comparison = compare();
    const std::vector<measure::StopDecision> decisions = decide(comparison);
    for (const std::size_t index : open) {
      if (!decisions[index].goes_on) complete(state_.cells[index], decisions[index].reason);
    }
    open = open_cells();
    if (launches < state_.request.stopping.fewest_launches) return open;
    rebuild_finalists(open, comparison);
    return within_budget(open, decisions);
  }

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
      if (!cell.is_compiled || cell.build >= state_.request.rebuilds || !state_.leader) continue;
      if (to_nanoseconds(cell.cell.build_s.value_or(0.0)) > state_.budget) continue;
      const auto ratio = comparison.ratio(index, *state_.leader);
      if (index == *state_.leader || (ratio && ratio->ci95 && ratio->ci95->low <= 1.0 + measure::equivalence_margin)) ++cell.build;
    }
  }

  /// The next launch takes whom it helps most, as far as the budget goes; none where not even two fit.
  Indices within_budget(Indices open, const std::vector<measure::StopDecision>& decisions) {
    const nanoseconds cost = plan_->block * plan_->rounds;
    const auto fitting = static_cast<std::size_t>(std::max<std::int64_t>((state_.budget - state_.measured).count(), 0) / cost.count());
    if (open.empty() || fitting < std::min<std::size_t>(open.size(), 2)) return complete_all(open, "the budget was used");
    if (fitting >= open.size()) return open;
    std::stable_sort(open.begin(), open.end(), [&](std::size_t a, std::size_t b) {
      if ((a == state_.leader) != (b == state_.leader)) return a == state_.leader;  // every comparison needs it
      return decisions[a].need > decisions[b].need;
    });
    for (std::size_t i = fitting; i < open.size(); ++i) complete(state_.cells[open[i]], "the budget was used");
    open.resize(fitting);
    return open;
  }

  Indices complete_all(const Indices& cells, const std::string& reason) {
    for (const std::size_t index : cells) complete(state_.cells[index], reason);
    return {};
  }

  void complete(LiveCell& cell, const std::string& reason) {
    if (!cell.is_open()) return;
    cell.cell.status = CellStatus::ok;
    cell.cell.reason.clear();
    cell.cell.stop_reason = reason;
    const machine::EnergyFigure energy = machine::energy_per_inference(cell.cell.blocks, state_.load.energy_reason());
    cell.cell.energy_j_per_inference = energy.joules_per_inference;
    cell.cell.missing.erase("energy_j_per_inference");
    if (!energy.joules_per_inference) cell.cell.missing["energy_j_per_inference"] = energy.reason;
    cell.release();
    state_.note(cell);
  }

  Indices open_cells() const {
    Indices open;
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      if (state_.cells[i].is_open()) open.push_back(i);
    }
    return open;
  }

  void finish() {
    for (LiveCell& cell : state_.cells) {
      if (cell.is_open() && cell.cell.reason.empty()) {
        cell.cell.reason =
            state_.cancel.requested() ? "the run was stopped before this cell was done" : "the run ended before this cell was done";
      }
      cell.release();
    }
  }

  BatchState& state_;
  std::optional<measure::LaunchPlan> plan_;
};

}  // namespace

Result<void> run_batch(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
                       const CancelToken& cancel) {
  BatchState state(cells, batches, request, hooks, cancel);
  return BatchRun(state).run();
}

}  // namespace podium::search
