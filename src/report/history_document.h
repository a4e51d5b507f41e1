#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "podium/history.h"

/// What a history says, before it is drawn for a terminal, in Markdown or as a page. Every text here is printable.
namespace podium::report {

enum HistoryColumn : std::size_t { line_cell, line_runs, first_ms, newest_ms, line_course, line_verdict, history_column_count };

struct HistoryHeading {
  std::string_view text;
  bool is_figure = false;
  int worth = 0;  ///< columns of less worth go first where the width is short; 0 never goes
};

inline constexpr std::array<HistoryHeading, history_column_count> history_headings{{
    {"cell", false, 0},
    {"runs", true, 2},
    {"first ms", true, 1},
    {"newest ms", true, 4},
    {"course", false, 3},
    {"change", false, 0},
}};

struct HistoryRow {
  const HistoryLine* line = nullptr;  ///< of the history that the document was made of
  std::array<std::string, history_column_count> texts;
  std::string options;  ///< those that are not the defaults
};

/// Lines of one batch size in one setup.
struct HistoryTable {
  std::string heading;  ///< "Batch 8", with the setup's letter where there are several
  std::vector<HistoryRow> rows;
};

struct HistoryDocument {
  std::string title;
  std::vector<std::string> setups;  ///< each machine and model, and how it differs from the first
  std::string headline;
  bool is_worse = false;  ///< something is slower than before, or broken
  std::vector<HistoryTable> tables;
  std::vector<std::string> changes;  ///< the newest first, with what else changed then
  std::vector<std::string> alone;    ///< runs that are part of no level
  std::vector<std::string> broken;
  std::vector<std::string> notes;
};

/// Of a history that outlives it.
[[nodiscard]] HistoryDocument make_document(const History& history);

/// A, B, …; nobody compares more machines than that at once, and where somebody does they are numbered.
[[nodiscard]] std::string setup_mark(std::int64_t setup);
/// "2026-11-22 10:31"; "run 3" of a file that has no time.
[[nodiscard]] std::string when(const History& history, std::int64_t run);
/// "openvino int8-static at batch 8", with the setup's letter where there are several.
[[nodiscard]] std::string line_name(const History& history, const HistoryLine& line);
/// The level that a point is part of; null where it stands alone or was not measured.
[[nodiscard]] const HistoryLevel* level_of(const HistoryLine& line, const HistoryPoint& point);
/// "10.2 % slower", of a ratio new ÷ old.
[[nodiscard]] std::string change_figure(double ratio);

}  // namespace podium::report
