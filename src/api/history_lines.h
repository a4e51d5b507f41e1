#pragma once

#include <map>
#include <string>
#include <vector>

#include "measure/change_points.h"
#include "podium/history.h"

namespace podium::api {

/// What one run measured of a cell.
struct MeasuredCell {
  measure::RunValue value;
  HistoryPoint point;  ///< all but its run
};

/// A run without its samples, so that hundreds fit into memory.
struct RunFacts {
  std::string file;
  std::string mark;                              ///< the same in two files of one run
  Results results;                               ///< one block without samples of each cell that was measured
  std::map<std::string, MeasuredCell> measured;  ///< by a cell's id
  bool is_unfinished = false;
  RunLoad load;
};

[[nodiscard]] RunFacts facts_of(std::string file, Results results);

/// One line for each cell of each setup, its changes told at a level of 5 % for all lines together.
[[nodiscard]] std::vector<HistoryLine> lines_of(const std::vector<RunFacts>& runs, const std::vector<HistoryRun>& places);

}  // namespace podium::api
