#include "search/batch_run.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "measure/schedule.h"
#include "measure/statistics.h"
#include "measure/timed_loop.h"
#include "search/cell_preparation.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;
using Indices = std::vector<std::size_t>;

constexpr double default_seconds_a_cell = 10.0;
/// Rounds before the scored ones, from which the lead-in of each cell is found.
constexpr int lead_in_rounds = 3;
constexpr nanoseconds lead_in_block{200'000'000};
constexpr std::int64_t lead_in_limit = 10;

/// One batch size under way.
class BatchRun {
 public:
  BatchRun(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
           const CancelToken& cancel)
      : cells_(cells),
        request_(request),
        hooks_(hooks),
        cancel_(cancel),
        preparation_(batches, request, hooks, cancel),
        schedule_(request.seed) {}

  Result<void> run() {
    choose_baseline();
    Indices waiting;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (i != baseline_ && cells_[i].is_open()) waiting.push_back(i);
    }
    for (bool first_heat = true; (first_heat || !waiting.empty()) && !must_stop(); first_heat = false) {
      const Indices heat = fill_heat(waiting);
      if (heat.empty() || must_stop()) break;
      if (!waiting.empty())
        hooks_.on_message(fmt::format("memory is short, so cells are measured in heats: {} now, {} later", heat.size(), waiting.size()));
      measure_heat(heat, waiting.size());
      close_heat(heat, waiting.empty());
    }
    finish();
    return broken_ ? Result<void>(tl::unexpected(*broken_)) : Result<void>{};
  }

 private:
  /// Opens fp32 candidates in order of preference until one answers; its outputs are what all others are judged against.
  void choose_baseline() {
    for (const std::size_t index : request_.baseline_order) {
      LiveCell& cell = cells_[index];
      if (cancel_.requested()) return;
      if (!cell.is_open()) continue;
      stage("prepare", cell);
      preparation_.open(cell, stage_of(cell));
      if (cancel_.requested()) return;
      if (!cell.is_running()) {
        hooks_.on_message(fmt::format("{} cannot be the baseline: {}", cell.cell.id, cell.cell.reason));
        note(cell);
        continue;
      }
      preparation_.make_reference(cell);
      baseline_ = index;
      note(cell);
      return;
    }
    if (cancel_.requested()) return;
    hooks_.on_message("no fp32 candidate answered, so answers are not checked and nothing is compared with a baseline");
  }

  /// Opens waiting cells until memory is full; baseline and leader are still open where they live. Returns the cells of this heat.
  Indices fill_heat(Indices& waiting) {
    Indices heat;
    for (const auto& kept : {baseline_, leader_}) {
      if (!kept || std::find(heat.begin(), heat.end(), *kept) != heat.end()) continue;
      if (cells_[*kept].is_running()) heat.push_back(*kept);
    }
    const std::size_t kept = heat.size();
    Indices later;
    for (const std::size_t index : waiting) {
      if (must_stop()) return heat;
      LiveCell& cell = cells_[index];
      if (!later.empty()) {
        later.push_back(index);
        continue;
      }
      stage("prepare", cell);
      preparation_.open(cell, stage_of(cell));
      note(cell);
      if (!cell.is_running()) continue;
      if (heat.size() > kept && memory_of(heat) + cell.worker->memory_bytes() > request_.memory_for_all) {
        cell.release();
        later.push_back(index);
        continue;
      }
      heat.push_back(index);
    }
    waiting = std::move(later);
    return heat;
  }

  std::int64_t memory_of(const Indices& heat) const {
    std::int64_t sum = 0;
    for (const std::size_t index : heat) sum += cells_[index].worker ? cells_[index].worker->memory_bytes() : 0;
    return sum;
  }

  /// Of a budget for all, a heat gets its share of what is left: cells that were rejected or failed leave their time to the others.
  double budget_of(const Indices& heat, std::size_t waiting) const {
    const auto cells = static_cast<double>(heat.size());
    if (request_.budget.count() <= 0) return default_seconds_a_cell * cells;
    const std::chrono::duration<double> left = request_.budget - measured_;
    return std::max(left.count(), 0.0) * cells / (cells + static_cast<double>(waiting));
  }

  void measure_heat(const Indices& heat, std::size_t waiting) {
    find_lead_ins(heat);
    const double budget_s = budget_of(heat, waiting);
    const auto block = measure::block_target(nanoseconds(static_cast<std::int64_t>(budget_s * 1e9 / static_cast<double>(heat.size()))));
    measure::Budget budget(nanoseconds(static_cast<std::int64_t>(budget_s * 1e9)));
    const std::int64_t begin_ns = measure::monotonic_ns();
    const auto elapsed = [&] { return nanoseconds(measure::monotonic_ns() - begin_ns); };
    const double before_s = std::chrono::duration<double>(measured_).count();
    const auto tell = [&](const std::string& subject) {
      hooks_.on_measure(before_s + std::chrono::duration<double>(elapsed()).count(), before_s + budget_s, subject);
    };
    for (; budget.rounds_left(elapsed()) > 0 && !must_stop(); ++round_) {
      const Indices running = running_of(heat);
      if (running.empty()) break;
      const auto round_begin = elapsed();
      for (const std::size_t index : schedule_.next(running)) {
        if (must_stop()) break;
        tell(cells_[index].cell.id);
        measure_block(cells_[index], block);
      }
      budget.add_round(elapsed() - round_begin);
    }
    tell("");
    measured_ += elapsed();
  }

  Indices running_of(const Indices& heat) const {
    Indices running;
    std::copy_if(heat.begin(), heat.end(), std::back_inserter(running), [&](std::size_t index) { return cells_[index].is_running(); });
    return running;
  }

  /// Interleaved rounds that are not scored: how many calls after a switch run slower than the rest differs from engine to engine.
  void find_lead_ins(const Indices& heat) {
    std::map<std::size_t, std::vector<Block>> blocks;
    for (int round = 0; round < lead_in_rounds; ++round) {
      for (const std::size_t index : running_of(heat)) {
        if (must_stop()) return;
        LiveCell& cell = cells_[index];
        hooks_.on_stage("lead-in", cell.cell.id, static_cast<std::size_t>(round), lead_in_rounds);
        const auto plan = measure::plan_block(cell.iteration, 0, lead_in_block);
        auto measured = cell.worker->measure({plan.duration, plan.minimum_samples, plan.maximum_samples, plan.iterations_per_sample});
        if (!measured) {
          cell.end(measured.error());
          note(cell);
          continue;
        }
        cell.worker->pause();
        Block block;
        block.iterations_per_sample = plan.iterations_per_sample;
        block.samples_ns = std::move(measured->samples_ns);
        blocks[index].push_back(std::move(block));
      }
    }
    for (auto& [index, found] : blocks) {
      cells_[index].lead_in = measure::find_lead_in(found, 0.02, lead_in_limit) * found.front().iterations_per_sample;
    }
  }

  void measure_block(LiveCell& cell, nanoseconds target) {
    const auto plan = measure::plan_block(cell.iteration, cell.lead_in, target);
    auto measured = cell.worker->measure({plan.duration, plan.minimum_samples, plan.maximum_samples, plan.iterations_per_sample});
    if (!measured) {
      cell.end(measured.error());
      note(cell);
      return;
    }
    cell.worker->pause();
    Block block;
    block.launch = cell.launches;
    block.round = round_;
    block.start_ns = measured->start_ns;
    block.iterations_per_sample = plan.iterations_per_sample;
    block.samples_ns = std::move(measured->samples_ns);
    measure::split_lead_in(block, plan.lead_in_samples);
    cell.cell.blocks.push_back(block);
    keep_error(hooks_.on_block(cell.cell.id, block));
  }

  /// Lets the workers of a heat go, but for the baseline and the leader where another heat follows.
  void close_heat(const Indices& heat, bool last) {
    const auto median = [](const Cell& cell) {
      const auto latency = measure::summarize(cell.blocks);
      return latency ? latency->median : std::numeric_limits<double>::infinity();
    };
    leader_.reset();
    for (const std::size_t index : running_of(heat)) {
      if (!leader_ || median(cells_[index].cell) < median(cells_[*leader_].cell)) leader_ = index;
    }
    for (const std::size_t index : heat) {
      const bool kept = !last && (index == leader_ || index == baseline_);
      if (!kept) complete(cells_[index]);
    }
  }

  /// Asks a measured worker what really ran, and ends the cell well.
  void complete(LiveCell& cell) {
    if (!cell.is_running() || cancel_.requested()) return;
    hooks_.on_stage("audit", cell.cell.id, 0, 0);
    auto audit = cell.worker->audit();
    if (audit)
      cell.cell.audit = std::move(*audit);
    else
      cell.cell.missing["audit"] = audit.error().error.message;
    cell.cell.memory.steady_bytes = cell.worker->memory_bytes();
    cell.cell.status = CellStatus::ok;
    cell.release();
    note(cell);
  }

  void finish() {
    for (LiveCell& cell : cells_) {
      if (cell.is_open() && cell.cell.reason.empty())
        cell.cell.reason =
            cancel_.requested() ? "the run was stopped before this cell was done" : "the run ended before this cell was done";
      cell.release();
    }
  }

  void stage(const std::string& name, const LiveCell& cell) { hooks_.on_stage(name, cell.cell.id, ended(), cells_.size()); }
  StageHook stage_of(const LiveCell& cell) {
    return [this, id = cell.cell.id](const std::string& name) { hooks_.on_stage(name, id, ended(), cells_.size()); };
  }
  std::size_t ended() const {
    return static_cast<std::size_t>(
        std::count_if(cells_.begin(), cells_.end(), [](const LiveCell& cell) { return cell.prepared || !cell.is_open(); }));
  }
  /// Tells the owner of a changed cell; where it cannot keep that (the disk is full), the run ends.
  void note(const LiveCell& cell) { keep_error(hooks_.on_cell(cell.cell)); }
  void keep_error(const Result<void>& kept) {
    if (!kept && !broken_) broken_ = kept.error();
  }
  bool must_stop() const { return broken_.has_value() || cancel_.requested(); }

  std::vector<LiveCell>& cells_;
  const BatchRunRequest& request_;
  const BatchRunHooks& hooks_;
  const CancelToken& cancel_;
  CellPreparation preparation_;
  measure::RoundOrder schedule_;
  std::optional<std::size_t> baseline_;
  std::optional<std::size_t> leader_;
  std::int64_t round_ = 0;
  nanoseconds measured_{0};  ///< in the heats that are over
  std::optional<Error> broken_;
};

}  // namespace

Result<void> run_batch(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
                       const CancelToken& cancel) {
  return BatchRun(cells, batches, request, hooks, cancel).run();
}

}  // namespace podium::search
