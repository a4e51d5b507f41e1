#include "search/launch_run.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "measure/statistics.h"
#include "measure/timed_loop.h"
#include "search/cell_median.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;

/// Rounds before the scored ones, from which the lead-in of each cell is found.
constexpr int lead_in_rounds = 3;
constexpr nanoseconds lead_in_block{200'000'000};
constexpr std::int64_t lead_in_limit = 10;
constexpr double lead_in_tolerance = 0.02;
/// Of a cell out of reach: one call that is not scored and one block of the fewest samples are all that its distance needs.
constexpr std::int64_t lead_in_out_of_reach = 1;
constexpr std::int64_t rounds_out_of_reach = 1;

double median_or_infinity(const Cell& cell) {
  return median_of(cell).value_or(std::numeric_limits<double>::infinity());
}

worker::MeasureRequest to_request(const measure::BlockPlan& plan) {
  return {plan.duration, plan.minimum_samples, plan.maximum_samples, plan.iterations_per_sample};
}

}  // namespace

void LaunchRun::measure(Indices waiting) {
  std::erase_if(waiting, [this](std::size_t index) { return state_.cells[index].is_running(); });
  // The cells that every heat holds come first.
  std::stable_partition(waiting.begin(), waiting.end(),
                        [this](std::size_t index) { return index == state_.baseline || index == state_.leader; });
  for (bool first = true; (first || !waiting.empty()) && !state_.must_stop(); first = false) {
    (void)foreign_since_last_scan();
    const Indices heat = fill_heat(waiting);
    if (heat.empty() || state_.must_stop()) break;
    if (waiting.empty() && is_done_without(heat)) {
      for (const std::size_t index : heat) state_.cells[index].release();
      break;
    }
    if (!waiting.empty()) {
      state_.hooks.on_message(
          fmt::format("memory is short, so cells are measured in heats: {} now, {} later", heat.size(), waiting.size()));
    }
    find_lead_ins(heat);
    plan_ = make_plan_();
    state_.hooks.on_load_beside(foreign_since_last_scan());
    measure_rounds(heat);
    take_memory(heat);
    take_scored_times(heat);
    choose_leader(heat);
    for (const std::size_t index : heat) {
      const bool kept = !waiting.empty() && (index == state_.leader || index == state_.baseline);
      if (!kept) state_.cells[index].release();
    }
  }
}

/// Opens waiting cells until memory is full; baseline and leader are still open where they live. Returns the cells of this heat.
Indices LaunchRun::fill_heat(Indices& waiting) {
  Indices heat;
  for (const auto& kept : {state_.baseline, state_.leader}) {
    if (!kept || std::find(heat.begin(), heat.end(), *kept) != heat.end()) continue;
    if (state_.cells[*kept].is_running()) heat.push_back(*kept);
  }
  const std::size_t kept = heat.size();
  Indices later;
  for (const std::size_t index : waiting) {
    if (state_.must_stop()) return heat;
    LiveCell& cell = state_.cells[index];
    if (!later.empty()) {
      later.push_back(index);
      continue;
    }
    if (!heat.empty() && !has_time_for(cell, heat.size())) {
      state_.left_out.insert(index);
      continue;
    }
    state_.preparation.open(cell, state_.stage_of(cell));
    state_.note(cell);
    if (!cell.is_running()) continue;
    if (heat.size() > kept && memory_of(heat) + cell.worker->memory_bytes() > state_.request.memory_for_all) {
      cell.release();
      later.push_back(index);
      continue;
    }
    heat.push_back(index);
  }
  waiting = std::move(later);
  return heat;
}

/// Whoever was to be measured beside cells that an earlier run has done did not open.
bool LaunchRun::is_done_without(const Indices& heat) const {
  return std::all_of(heat.begin(), heat.end(), [this](std::size_t index) { return state_.cells[index].was_done; });
}

/// What was measured before is measured again, whatever the time: half a comparison is none.
bool LaunchRun::has_time_for(const LiveCell& cell, std::size_t open) const {
  return !state_.request.may_open || !cell.cell.blocks.empty() || cell.cell.is_baseline || state_.request.may_open(cell, open);
}

Indices LaunchRun::running_of(const Indices& heat) const {
  Indices running;
  std::copy_if(heat.begin(), heat.end(), std::back_inserter(running),
               [this](std::size_t index) { return state_.cells[index].is_running(); });
  return running;
}

Indices LaunchRun::within_reach(Indices running) const {
  std::erase_if(running, [this](std::size_t index) { return state_.is_out_of_reach(state_.cells[index]); });
  return running;
}

std::int64_t LaunchRun::memory_of(const Indices& heat) const {
  std::int64_t sum = 0;
  for (const std::size_t index : heat) sum += state_.cells[index].worker ? state_.cells[index].worker->memory_bytes() : 0;
  return sum;
}

/// Interleaved rounds that are not scored: how many calls after a switch run slower than the rest differs from engine to engine, and is a
/// property of the engine, so that one launch tells it for all.
void LaunchRun::find_lead_ins(const Indices& heat) {
  for (const std::size_t index : running_of(heat)) {
    LiveCell& cell = state_.cells[index];
    if (!cell.lead_in && state_.is_out_of_reach(cell)) cell.lead_in = lead_in_out_of_reach;
  }
  const auto is_unknown = [this](std::size_t index) { return !state_.cells[index].lead_in.has_value(); };
  const Indices all = within_reach(running_of(heat));
  if (std::none_of(all.begin(), all.end(), is_unknown)) return;
  std::map<std::size_t, std::vector<Block>> blocks;
  for (int round = 0; round < lead_in_rounds; ++round) {
    for (const std::size_t index : all) {  // those that are known too: a switch is from one cell to another
      LiveCell& cell = state_.cells[index];
      if (state_.must_stop()) return;
      if (!cell.is_running()) continue;
      state_.hooks.on_stage("lead-in", cell.cell.id, static_cast<std::size_t>(round), lead_in_rounds);
      const auto plan = measure::plan_block(cell.iteration, 0, lead_in_block);
      auto measured = cell.worker->measure(to_request(plan));
      if (!measured) {
        cell.end(measured.error());
        state_.note(cell);
        continue;
      }
      cell.worker->pause();
      Block block;
      block.iterations_per_sample = plan.iterations_per_sample;
      block.samples_ns = std::move(measured->samples_ns);
      if (is_unknown(index)) blocks[index].push_back(std::move(block));
    }
  }
  for (auto& [index, found] : blocks) {
    state_.cells[index].lead_in = measure::find_lead_in(found, lead_in_tolerance, lead_in_limit) * found.front().iterations_per_sample;
  }
}

void LaunchRun::take_memory(const Indices& heat) {
  for (const std::size_t index : running_of(heat)) {
    LiveCell& cell = state_.cells[index];
    if (cell.cell.memory.steady_bytes) continue;
    if (const auto bytes = cell.worker->private_memory_bytes())
      cell.cell.memory.steady_bytes = std::max<std::int64_t>(0, *bytes - cell.cell.memory.idle_bytes.value_or(0));
  }
}

void LaunchRun::take_scored_times(const Indices& heat) {
  constexpr double ns_per_ms = 1e6;
  for (const std::size_t index : heat) {
    LiveCell& cell = state_.cells[index];
    if (const auto ms = median_of(cell.cell)) cell.scored = nanoseconds(static_cast<std::int64_t>(*ms * ns_per_ms));
  }
}

void LaunchRun::measure_rounds(const Indices& heat) {
  for (std::int64_t done = 0; done < plan_.rounds && !state_.must_stop(); ++done, ++state_.round) {
    const Indices running = done < rounds_out_of_reach ? running_of(heat) : within_reach(running_of(heat));
    if (running.empty()) return;
    for (const std::size_t index : state_.order.next(running)) {
      if (state_.must_stop()) break;
      LiveCell& cell = state_.cells[index];
      tell(cell.cell.id);
      const bool counts = !state_.is_out_of_reach(cell);
      const std::int64_t begin_ns = measure::monotonic_ns();
      measure_block(cell);
      if (counts) take_from_budget(nanoseconds(measure::monotonic_ns() - begin_ns));
    }
  }
  tell("");
}

/// The few slow calls of cells out of reach leave the budget to the cells that can win.
void LaunchRun::take_from_budget(nanoseconds took) {
  state_.measured += took;
  state_.measured_now += took;
  ++state_.blocks_now;
}

void LaunchRun::measure_block(LiveCell& cell) {
  const auto plan = measure::plan_block(cell.iteration, cell.lead_in.value_or(0), plan_.block);
  state_.load.begin(cell.worker->pid());
  auto measured = cell.worker->measure(to_request(plan));
  const BlockLoad load = state_.load.end();
  if (!measured) {
    cell.end(measured.error());
    state_.note(cell);
    return;
  }
  cell.worker->pause();
  Block block;
  block.load = load;
  block.launch = state_.launch;
  block.build = cell.build;
  block.round = state_.round;
  block.start_ns = measured->start_ns;
  block.iterations_per_sample = plan.iterations_per_sample;
  block.samples_ns = std::move(measured->samples_ns);
  block.device_clock = measured->device_clock;
  measure::split_lead_in(block, plan.lead_in_samples);
  set_aside_on_evidence(block, nanoseconds(measured->elapsed_ns));
  state_.keep_error(state_.hooks.on_block(cell.cell.id, block));
  cell.cell.blocks.push_back(std::move(block));
  state_.hooks.on_standing(cell.cell);
}

/// A block is left out only for what the machine is known to have done meanwhile, never for its times.
void LaunchRun::set_aside_on_evidence(Block& block, nanoseconds elapsed) {
  const auto evidence = state_.hooks.evidence_against(block.load, elapsed, state_.load.cpus());
  if (!evidence) return;
  block.set_aside = true;
  block.evidence = *evidence;
  state_.hooks.on_foreign_load(foreign_since_last_scan());
}

std::vector<machine::BusyProcess> LaunchRun::foreign_since_last_scan() {
  const auto now = std::chrono::steady_clock::now();
  return state_.foreign.busiest_since_last_scan(std::chrono::duration<double>(now - std::exchange(state_.last_scan, now)).count());
}

void LaunchRun::choose_leader(const Indices& heat) {
  if (state_.leader && !state_.cells[*state_.leader].is_open()) state_.leader.reset();  // it broke
  // A cell out of reach does not lead, though its block may be the only one that was not set aside.
  for (const std::size_t index : within_reach(running_of(heat))) {
    if (!state_.leader || median_or_infinity(state_.cells[index].cell) < median_or_infinity(state_.cells[*state_.leader].cell))
      state_.leader = index;
  }
}

void LaunchRun::tell(const std::string& subject) const {
  const double measured_s = std::chrono::duration<double>(state_.measured).count();
  state_.hooks.on_measure(measured_s, std::max(measured_s, std::chrono::duration<double>(state_.budget).count()), subject);
}

}  // namespace podium::search
