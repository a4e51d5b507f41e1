#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/compare.h"

/// What a comparison says, before it is drawn for a terminal or in Markdown. Every text here is printable.
namespace podium::report {

enum ComparisonColumn : std::size_t {
  compared_cell,
  figure_before,
  figure_after,
  change_ratio,
  change_interval,
  verdict,
  comparison_column_count
};

struct ComparisonHeading {
  std::string_view text;
  bool is_figure = false;
};

using ComparisonHeadings = std::array<ComparisonHeading, comparison_column_count>;
inline constexpr ComparisonHeadings time_headings{{
    {"cell", false},
    {"before ms", true},
    {"after ms", true},
    {"after ÷ before", true},
    {"95%", true},
    {"change", false},
}};
/// Inputs a second, and with how many requests in flight: "142.0 @2".
inline constexpr ComparisonHeadings throughput_headings{{
    {"cell", false},
    {"before per s", true},
    {"after per s", true},
    {"after ÷ before", true},
    {"95%", true},
    {"throughput", false},
}};

struct ComparisonRow {
  std::array<std::string, comparison_column_count> texts;
  std::string options;  ///< those that are not the defaults
  CellChange change = CellChange::not_comparable;
  bool is_lost = false;  ///< it ran before, and breaks or is missing now
};

/// The times of a batch size, or its throughputs.
struct ComparisonTable {
  std::int64_t batch = 1;
  bool is_throughput = false;
  std::vector<ComparisonRow> rows;

  [[nodiscard]] const ComparisonHeadings& headings() const noexcept { return is_throughput ? throughput_headings : time_headings; }
};

struct ComparisonDocument {
  std::string title;
  std::string machine;
  std::string headline;
  bool is_doubtful = false;  ///< something is slower or broken, or nobody could have told
  std::vector<ComparisonTable> tables;
  std::vector<std::string> reasons;  ///< of the cells that were not compared or that broke
  std::vector<std::pair<std::string, std::string>> what_changed;
  std::vector<std::string> notes;
};

[[nodiscard]] ComparisonDocument make_document(const Comparison& comparison);

}  // namespace podium::report
