#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

#include "podium/cancel.h"
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
  std::filesystem::path cache;  ///< a folder for the engine's own compiled code
};

/// What a run of one batch size asks of its owner and tells it.
struct BatchRunHooks {
  std::function<Result<PreparedModel>(const Candidate&, const std::vector<backend::InputSpec>&)> prepare;
  std::function<worker::WorkerCommand(const Candidate&)> command;
  std::function<void(const std::string& stage, const std::string& subject, std::size_t done, std::size_t total)> on_stage;
  std::function<void(double elapsed_s, double budget_s, const std::string& subject)> on_measure;
  std::function<void(const std::string& message)> on_message;
  std::function<Result<void>(const Cell&)> on_cell;                           ///< a cell's state changed; an error ends the run
  std::function<Result<void>(const std::string& id, const Block&)> on_block;  ///< a block was measured; an error ends the run
};

struct BatchRunRequest {
  std::vector<std::size_t> baseline_order;  ///< indices of candidates, the first choice first
  std::int64_t threads = 1;
  std::chrono::duration<double> budget{0};
  std::chrono::duration<double> throughput_budget{2};  ///< of run_throughput(), for each cell; builds and loads excluded
  worker::WorkerLimits limits;
  std::int64_t memory_for_all = 0;  ///< bytes that all live workers together may hold before heats begin
  std::uint64_t seed = 0;
  std::filesystem::path logs;  ///< folder for what workers print
};

/// Measures all cells of one batch size: loads each, judges its answers against the baseline's, warms it up, then measures in rounds of
/// short blocks in changing order. Where the workers do not fit into memory together, in heats that each hold the baseline and the leader.
/// Ends every cell but those a cancellation cut off, which stay `partial`. An Error means that the run cannot go on (the disk is full).
[[nodiscard]] Result<void> run_batch(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request,
                                     const BatchRunHooks& hooks, const CancelToken& cancel);

}  // namespace podium::search
