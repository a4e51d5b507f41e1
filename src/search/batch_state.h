#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "machine/cpu_use.h"
#include "machine/load_watch.h"
#include "measure/schedule.h"
#include "measure/stopping.h"
#include "search/batch_run.h"
#include "search/cell_preparation.h"

namespace podium::search {

using Indices = std::vector<std::size_t>;

/// What the launches of one batch size share.
struct BatchState {
  BatchState(std::vector<LiveCell>& live, const Batches& batches, const BatchRunRequest& asked, const BatchRunHooks& given,
             const CancelToken& stop)
      : cells(live),
        request(asked),
        hooks(given),
        cancel(stop),
        preparation(batches, asked, given, stop),
        order(asked.seed),
        load("/", asked.cpus, asked.gpu) {}

  std::vector<LiveCell>& cells;
  const BatchRunRequest& request;
  const BatchRunHooks& hooks;
  const CancelToken& cancel;
  CellPreparation preparation;
  measure::RoundOrder order;
  machine::LoadWatch load;
  machine::ForeignProcesses foreign;
  std::optional<std::size_t> baseline;
  std::optional<std::size_t> leader;
  std::int64_t launch = 0;
  std::int64_t round = 0;
  std::chrono::nanoseconds measured{0};      ///< by rounds, of cells within reach; of an earlier run too
  std::chrono::nanoseconds measured_now{0};  ///< of that, by this run
  std::int64_t blocks_now = 0;               ///< that measured_now went into
  std::chrono::steady_clock::time_point last_scan = std::chrono::steady_clock::now();  ///< of foreign processes
  std::chrono::nanoseconds budget{0};
  std::set<std::size_t> left_out;  ///< there is no time to open them
  std::optional<Error> broken;     ///< what was measured cannot be kept: the run ends

  /// Whether a cell is so much slower than the fastest beside it that it is measured to be named, not to be told apart from others. Never
  /// the baseline, which every ratio needs.
  [[nodiscard]] bool is_out_of_reach(const LiveCell& cell) const {
    if (baseline && &cell == &cells[*baseline]) return false;
    return times_the_fastest(cell) > measure::out_of_reach;
  }
  /// How many times as long as the fastest cell's a call takes, by what is known best of each (scored blocks, or the latest warm-up, which
  /// a load may have slowed down); 1 where nothing is. Workers may be gone by now, and cells may be done: what they took is known all the
  /// same.
  [[nodiscard]] double times_the_fastest(const LiveCell& cell) const {
    const auto call_of = [](const LiveCell& of) { return of.scored.count() > 0 ? of.scored : of.iteration; };
    std::chrono::nanoseconds fastest = call_of(cell);
    for (const LiveCell& other : cells) {
      const bool answers_rightly = other.is_open() || other.cell.status == CellStatus::ok;
      if (answers_rightly && call_of(other).count() > 0) fastest = std::min(fastest, call_of(other));
    }
    return fastest.count() > 0 ? static_cast<double>(call_of(cell).count()) / static_cast<double>(fastest.count()) : 1.0;
  }

  [[nodiscard]] bool must_stop() const { return broken.has_value() || cancel.requested(); }
  void keep_error(const Result<void>& kept) {
    if (!kept && !broken) broken = kept.error();
  }
  /// Tells the owner of a changed cell; where it cannot keep that (the disk is full), the run ends.
  void note(const LiveCell& cell) { keep_error(hooks.on_cell(cell.cell)); }
  void stage(const std::string& name, const LiveCell& cell) const { hooks.on_stage(name, cell.cell.id, ended(), cells.size()); }
  [[nodiscard]] StageHook stage_of(const LiveCell& cell) const {
    return [this, id = cell.cell.id](const std::string& name) { hooks.on_stage(name, id, ended(), cells.size()); };
  }
  [[nodiscard]] std::size_t ended() const {
    return static_cast<std::size_t>(
        std::count_if(cells.begin(), cells.end(), [](const LiveCell& cell) { return cell.prepared || !cell.is_open(); }));
  }
};

}  // namespace podium::search
