#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "accuracy/judge.h"
#include "machine/cpu_use.h"
#include "machine/evidence.h"
#include "machine/gpu_watch.h"
#include "measure/stopping.h"
#include "measure/warm_up.h"
#include "podium/cancel.h"
#include "search/audit_gate.h"
#include "search/batches.h"
#include "search/live_cell.h"
#include "search/model_inputs.h"
#include "worker/worker.h"

namespace podium::search {

/// A candidate's model file, as the run's owner made it ready.
struct PreparedModel {
  std::filesystem::path path;
  std::string sha256;
  std::int64_t bytes = 0;
  std::optional<double> build_s;
  bool cached = false;
  bool is_compiled = false;     ///< for the shape and the machine: a rebuild could come out differently
  std::filesystem::path cache;  ///< a folder for the engine's own compiled code
};

/// What a run of one batch size asks of its owner and tells it.
struct BatchRunHooks {
  /// `build` counts the rebuilds of a compiled artefact: 0 may come from a cache, each other number is a build of its own.
  std::function<Result<PreparedModel>(const Candidate&, const std::vector<backend::InputSpec>&, std::int64_t build)> prepare;
  std::function<worker::WorkerCommand(const Candidate&)> command;
  /// What a cell is known by whose model and engine are there (search/cell_key.h); blocks of an earlier run under another key are not its
  /// own.
  std::function<std::string(const LiveCell&)> key;
  /// Why a block is set aside; nothing where the machine gave it what it wanted. `cpus`: how many the load is a share of.
  std::function<std::optional<std::string>(const BlockLoad& load, std::chrono::duration<double> took, std::size_t cpus)> evidence_against =
      machine::evidence_against;
  /// Who used the CPUs while a block was disturbed.
  std::function<void(const std::vector<machine::BusyProcess>&)> on_foreign_load;
  /// Who used them while engines were loaded for a launch. Workers that go before other programs hold a load off while blocks are timed,
  /// and it may disturb none.
  std::function<void(const std::vector<machine::BusyProcess>&)> on_load_beside = [](const std::vector<machine::BusyProcess>&) {};
  std::function<void(const std::string& stage, const std::string& subject, std::size_t done, std::size_t total)> on_stage;
  std::function<void(double elapsed_s, double budget_s, const std::string& subject)> on_measure;
  std::function<void(const std::string& message)> on_message;
  std::function<Result<void>(const Cell&)> on_cell;                           ///< a cell's state changed; an error ends the run
  std::function<Result<void>(const std::string& id, const Block&)> on_block;  ///< a block was measured; an error ends the run
  /// The same of run_throughput().
  std::function<Result<void>(const std::string& id, const ThroughputBlock&)> on_throughput_block =
      [](const std::string&, const ThroughputBlock&) -> Result<void> { return {}; };
  std::function<void(const Cell&)> on_standing = [](const Cell&) {};  ///< the same, with all its blocks till now
  /// An engine has loaded a cell's model, and built in that time what it had not kept.
  std::function<void(const LiveCell&, const PreparedModel&, const std::vector<backend::InputSpec>&, double seconds)> on_loaded =
      [](const LiveCell&, const PreparedModel&, const std::vector<backend::InputSpec>&, double) {};
};

struct BatchRunRequest {
  std::vector<std::size_t> baseline_order;  ///< indices of candidates, the first choice first
  std::int64_t threads = 1;
  /// Of measuring, what an earlier run has measured included; 0: the default.
  std::chrono::duration<double> budget{0};
  /// For each cell that is left; up to twice that where cells that seem to differ are not told apart.
  std::chrono::duration<double> default_budget_a_cell{10};
  std::int64_t launches = 0;  ///< of each cell, exactly; 0: as many as the stopping rule and the budget give
  std::int64_t rebuilds = 0;  ///< of the compiled artefacts of cells that could still win
  measure::StoppingRule stopping;
  measure::WarmUpRule warm_up;
  AuditPolicy audit;
  const accuracy::Question* question = nullptr;        ///< what is asked of answers besides agreement; null: nothing
  std::optional<machine::GpuWatch> gpu;                ///< that the cells run on
  std::vector<int> cpus;                               ///< that workers are pinned to; empty: all that this process may use
  std::chrono::duration<double> throughput_budget{2};  ///< of run_throughput(), for each cell; builds and loads excluded
  worker::WorkerLimits limits;
  std::int64_t memory_for_all = 0;  ///< bytes that all live workers together may hold before heats begin
  std::uint64_t seed = 0;
  std::filesystem::path logs;  ///< folder for what workers print
  /// Whether there is time to open one more cell, which has no block yet, beside so many that are open; nothing: always. Cells that there
  /// is no time for stay `partial`, without a block.
  std::function<bool(const LiveCell& cell, std::size_t open)> may_open;
  /// Whether there is time for a launch of about so many seconds, of cells that had the fewest that the stopping rule asks for; nothing:
  /// always.
  std::function<bool(double seconds)> may_launch;
};

/// Measures all cells of one batch size in several launches. In each, every cell still measured is loaded anew, its answers are judged
/// against the baseline's, it is warmed up to steady state and measured in rounds of short blocks in changing order. Where the workers do
/// not fit into memory together, in heats that each hold the baseline and the leader. After each launch the stopping rule decides who goes
/// on. Cells may come with blocks of an earlier run; those that are still `partial` go on from there, the baseline and the leader with
/// them. Ends every cell but those a cancellation cut off, which stay `partial`. An Error means that the run cannot go on (the disk is
/// full).
[[nodiscard]] Result<void> run_batch(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request,
                                     const BatchRunHooks& hooks, const CancelToken& cancel);

}  // namespace podium::search
