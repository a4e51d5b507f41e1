#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "podium/bench.h"
#include "podium/compare.h"

namespace podium {

struct ReplayRequest {
  std::string cell;                         ///< an id; empty: the fastest of the first batch size
  std::chrono::duration<double> budget{0};  ///< 0: as much for a cell as the recorded run had
  std::filesystem::path json;               ///< a results file of the new measurement
  bool allow_different_machine = false;
  bool no_wait = false;              ///< refuse while another run measures here, rather than wait for it
  std::vector<std::string> command;  ///< kept in the results
};

/// A cell measured again, beside what was recorded.
struct Replay {
  std::string cell;        ///< its id
  std::string baseline;    ///< the id of the baseline measured with it; empty where the cell is the baseline itself, or there was none
  CellComparison latency;  ///< with `throughput`, where the recorded run has measured it
  std::optional<CellComparison> ratio;  ///< of the ratio to the baseline; before_ms and after_ms are that ratio, not milliseconds
  std::vector<Difference> what_changed;
  std::vector<std::string> notes;  ///< what disturbed either measurement, a sentence each
  bool agrees = false;             ///< no figure is told apart from the recorded one
  std::string sentence;            ///< the outcome, with the figures
  Results results;                 ///< the new measurement
};

/// Measures one cell of a results file again, with its baseline and by the settings in the file, and judges its figures together. Throws
/// Exception for an unknown cell, another machine, a model or data that are missing or changed, and where the cell does not run now.
[[nodiscard]] Replay replay(const Results& recorded, const ReplayRequest& request, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium
