#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "podium/results.h"
#include "search/candidates.h"
#include "worker/worker.h"

namespace podium::search {

/// A cell under way: its results so far and the worker that runs it.
struct LiveCell {
  Candidate candidate;
  Cell cell;
  std::optional<worker::Worker> worker;
  std::string engine_version;
  std::chrono::nanoseconds iteration{0};  ///< one call, as the warm-up saw it
  std::chrono::nanoseconds scored{0};     ///< one call, over the scored blocks of its launches; 0: it has none
  std::optional<std::int64_t> lead_in;    ///< calls after a switch that are not scored; nothing before they were looked for
  /// The shortest opening so far: to start its worker, load, answer and warm up, without what made its model ready.
  std::optional<double> opening_s;
  std::int64_t openings = 0;
  std::int64_t build = 0;         ///< which build of its compiled artefact the next launch runs
  std::int64_t judged_build = 0;  ///< which build's answers passed the gate, once it is prepared
  bool is_compiled = false;       ///< a rebuild could come out differently
  bool was_done = false;          ///< by an earlier run; measured again beside others, it can only gain
  bool in_doubt = false;          ///< it was done, and goes on since it is in doubt (measure::in_doubt)
  bool prepared = false;          ///< its answers passed the gate

  [[nodiscard]] bool is_open() const noexcept { return cell.status == CellStatus::partial; }
  [[nodiscard]] bool is_running() const noexcept { return is_open() && worker.has_value(); }
  /// Ends the cell as the error says, and its worker.
  void end(const worker::WorkerError& error);
  void end(const Error& error) { end(worker::WorkerError{error, {}}); }
  /// Lets the worker go; the cell stays as it is.
  void release();
};

/// Names a cell's log file: its id holds '/'.
[[nodiscard]] std::string log_name(std::string id, const char* suffix);

/// A cell that has not begun.
[[nodiscard]] LiveCell new_cell(const Candidate& candidate, std::int64_t batch, const std::string& device,
                                TimingBoundary boundary = TimingBoundary::host);
/// What the worker of a prepared cell is asked to load.
[[nodiscard]] backend::LoadRequest load_request(const LiveCell& cell, const std::vector<backend::InputSpec>& inputs, std::int64_t threads);

}  // namespace podium::search
