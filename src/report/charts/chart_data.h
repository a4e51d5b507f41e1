#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "podium/results.h"
#include "report/json_writer.h"

namespace podium::report {

/// Samples of one cell in a chart, at most. The results file has all.
inline constexpr std::size_t most_samples = 2000;

/// What the charts of a run are drawn from. A figure that is not there is left out of its row.
struct ChartData {
  Json cells = Json::array();     ///< a row for each cell that was measured, the fastest first
  Json samples = Json::object();  ///< by a row's "i": {"ms", "outliers"}
  Json warm_up = Json::object();  ///< by a row's "i": the trace
  std::vector<std::string> backends;
  std::vector<std::string> precisions;
  std::vector<std::int64_t> batches;
  std::size_t samples_each = most_samples;  ///< at most so many of each cell are in `samples`; fewer where there are very many cells
  bool samples_left_out = false;
  std::string worth;  ///< what answers are judged by: a metric's name, "signal to noise, dB"; empty where nothing was judged
  bool worth_is_share = false;
  bool less_worth_is_better = false;
  bool is_on_gpu = false;
  bool has_identical = false;  ///< some cells answer exactly as the baseline does: they have no signal-to-noise ratio
};

[[nodiscard]] ChartData chart_data(const Results& results);

/// Two launches can give an interval that is wider than any chart, and below zero: what is drawn of it ends at a quarter and at four times.
[[nodiscard]] Interval drawn_interval(double middle, const std::optional<Interval>& interval);

/// Five significant digits: what a chart can show, in a third of the bytes.
[[nodiscard]] double rounded(double value);

}  // namespace podium::report
