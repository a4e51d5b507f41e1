#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "podium/compare.h"
#include "podium/report.h"
#include "podium/results.h"

namespace podium {

/// What a cell did from the first run to the last. `drifts`: a straight line tells it better than levels do.
enum class CellCourse { too_few_runs, steady, changed, drifts };
[[nodiscard]] std::string_view to_string(CellCourse course) noexcept;

/// With fewer runs of a cell no change can be told: a level lasts three.
inline constexpr std::int64_t fewest_runs_of_history = 6;

struct HistoryRun {
  std::string file;     ///< as typed
  std::string started;  ///< UTC, ISO 8601
  std::int64_t setup = 0;
  RunLoad load;
};

/// Runs whose times may stand in one line: alike in machine, timing boundary and model, or allowed to differ.
struct HistorySetup {
  std::string machine;
  std::string model;
  std::vector<Difference> against_first;  ///< what keeps it apart from the first setup
};

/// What one run measured of a cell.
struct HistoryPoint {
  std::int64_t run = 0;  ///< position in History::runs
  CellStatus status = CellStatus::ok;
  std::string reason;            ///< one sentence, where it did not end well
  std::optional<double> ms;      ///< geometric mean over launches of the rounds' medians; nothing where it was not measured
  std::optional<Interval> ci95;  ///< over its launches
  std::int64_t launches = 0;
  bool stands_alone = false;  ///< off the runs before and after it, which agree: part of no level
};

/// Runs between two changes.
struct HistoryLevel {
  std::int64_t first_run = 0;
  std::int64_t last_run = 0;
  std::int64_t runs = 0;  ///< that count
  double ms = 0.0;
  std::optional<Interval> ci95;  ///< over its runs
};

struct HistoryChange {
  std::int64_t run = 0;                  ///< the first of the new level
  std::int64_t run_before = 0;           ///< the last of the old one
  CellChange change = CellChange::tied;  ///< faster or slower
  Ratio ratio;                           ///< new level ÷ old level; its interval counts in every place tried, and every line
  std::vector<Difference> what_changed;  ///< versions, options, threads, inputs, from the run before to this one
};

/// One cell through time, within one setup.
struct HistoryLine {
  Cell cell;  ///< as in its latest run, without its blocks
  std::int64_t setup = 0;
  CellCourse course = CellCourse::too_few_runs;
  std::vector<HistoryPoint> points;  ///< of every run that has the cell
  std::vector<HistoryLevel> levels;  ///< empty where it was never measured
  std::vector<HistoryChange> changes;
  std::optional<Ratio> drift;  ///< last run ÷ first run, on the line
  /// A step of up to this share that came with the last three runs would not have been told; infinite where there are too few runs.
  double hidden = std::numeric_limits<double>::infinity();
  bool breaks_now = false;   ///< it ran once, and did not in the latest run of its setup
  bool missing_now = false;  ///< it was measured in the run before the latest of its setup, and the latest has nothing of it
};

/// Many runs, in the order in which they were started.
struct History {
  std::vector<HistorySetup> setups;
  std::vector<HistoryRun> runs;
  std::vector<HistoryLine> lines;  ///< setup by setup, in the order of the cells
  std::vector<std::string> notes;  ///< what a reader must know to judge it, a sentence each
};

/// Reads results files (or journals) one after the other. Runs that differ in machine, timing boundary or model are kept in lines of their
/// own, unless `options` allow that they are joined; joined ones are told. Throws Exception for fewer than two files, for one that is given
/// twice, and for one that is no results file.
[[nodiscard]] History read_history(const std::vector<std::filesystem::path>& files, const CompareOptions& options);

/// Lines whose newest level is slower than the one before, or whose drift is, by more than `share`; and those that break or
/// are missing now.
[[nodiscard]] std::vector<const HistoryLine*> regressions(const History& history, double share);

/// Lines of the newest run of which nobody can say whether they are slower by more than `share` (or than 1 %, where that is more) now: so
/// large a step would be hidden by their noise, or they have too few runs. Those that are slower so, break or are missing are not among
/// them.
[[nodiscard]] std::vector<const HistoryLine*> undecided(const History& history, double share);

[[nodiscard]] std::string to_table(const History& history, const TableStyle& style);
[[nodiscard]] std::string to_markdown(const History& history);
/// A line for each cell and run.
[[nodiscard]] std::string to_csv(const History& history);
/// One page with charts, filters and a table, that needs no network and no other file.
[[nodiscard]] std::string to_html(const History& history);
/// All cells together and each by itself, those that changed first, as one Vega-Lite specification with its rows in it.
[[nodiscard]] std::string to_chart(const History& history);
/// Schema podium.history/1.
[[nodiscard]] std::string to_json(const History& history);

}  // namespace podium
