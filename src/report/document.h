#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/results.h"

/// What a report says, before it is drawn: the table for a terminal and the one in Markdown differ in nothing but their looks.
/// Every text here is printable; a model's or an engine's name cannot drive a terminal.
namespace podium::report {

struct Column {
  std::string_view heading;
  bool is_figure = false;  ///< set to the right
  int worth = 0;           ///< columns of less worth go first where the width is short; 0 never goes
};

enum ColumnIndex : std::size_t {
  rank,
  backend,
  precision,
  median,
  interval,
  ratio,
  answer,
  accuracy,
  throughput,
  p90,
  memory,
  build,
  column_count
};

inline constexpr std::array<Column, column_count> columns{{
    {"#", true, 0},
    {"backend", false, 0},
    {"precision", false, 0},
    {"median ms", true, 0},
    {"±95%", true, 5},
    {"vs baseline", false, 0},
    {"answers", false, 6},
    {"accuracy", false, 7},
    {"per second", true, 4},
    {"p90 ms", true, 3},
    {"memory", true, 2},
    {"build", true, 1},
}};

struct Row {
  const Cell* cell = nullptr;  ///< of the results that the document was made of
  std::array<std::string, column_count> texts;
  std::string options;  ///< "channels-last=on, threads=1", where they are not the defaults
  bool is_fastest = false;
  bool is_doubtful = false;  ///< its answers could not be judged, or it was not measured to the end
};

struct BatchTable {
  std::int64_t batch = 1;
  std::string headline;
  std::vector<Row> rows;
  std::vector<std::string> notes;

  /// Accuracy has a column only where it was judged; likewise what else need not be known (throughput, memory, building).
  [[nodiscard]] bool has_column(std::size_t column) const;
};

/// Cells that gave no figure for one and the same reason.
struct Absence {
  std::string cells;  ///< "openvino bf16 at batch 1, 8"
  std::string status;
  std::string reason;
  std::string remedy;
};

struct Document {
  std::string model;
  std::string machine;
  std::vector<BatchTable> batches;
  std::vector<Absence> absences;
  std::vector<std::string> self_check;  ///< the verdict first, then each pair that was told apart
  std::vector<std::string> warnings;
  std::string footer;
};

/// Of results that outlive it.
[[nodiscard]] Document make_document(const Results& results);

/// Processor, GPU, cores, memory and Podium's own version, in one line.
[[nodiscard]] std::string machine_line(const Environment& environment);

/// A cell that broke in the middle has figures, in the files; in a table of speeds they would pass for results.
[[nodiscard]] bool has_a_row(const Cell& cell);
/// What ran otherwise than the cell's name says; a cell with such a finding was measured because the user allowed it.
[[nodiscard]] std::vector<std::string> audit_findings(const Cell& cell);

/// Options that are not the defaults follow the device in a cell's id: "streams=2, hint=latency" of
/// "BACKEND/fp32/b1/cpu/streams=2/hint=latency".
[[nodiscard]] std::string unusual_options(const Cell& cell);
/// "openvino bf16", options behind it where they are not the defaults.
[[nodiscard]] std::string short_name(const Cell& cell);

/// Of cells of one batch size, none of which has a rank.
[[nodiscard]] std::string why_no_ranking(const std::vector<const Cell*>& cells);

}  // namespace podium::report
