#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "podium/report.h"
#include "podium/results.h"

namespace podium {

/// What became of a cell from the runs before to the runs after.
enum class CellChange { faster, slower, tied, only_before, only_after, not_comparable };
[[nodiscard]] std::string_view to_string(CellChange change) noexcept;

/// What the interval of a comparison was taken over. `runs` carry what differs from run to run; `launches` what differs between lives of a
/// worker; `rounds` only the noise within one life.
enum class ComparisonBasis { runs, launches, rounds };
[[nodiscard]] std::string_view to_string(ComparisonBasis basis) noexcept;

struct CellComparison {
  Cell cell;  ///< the one compared, without its blocks: of the runs after, where it is there
  CellChange change = CellChange::not_comparable;
  std::string reason;               ///< one sentence, where it is not comparable or a run of it broke
  std::optional<double> before_ms;  ///< geometric mean over units of the rounds' medians: what the ratio is the ratio of
  std::optional<double> after_ms;
  std::optional<Ratio> ratio;         ///< after ÷ before: over 1 is slower
  std::optional<Interval> corrected;  ///< of the ratio, by Holm's method over all cells: `change` is read from it
  std::optional<ComparisonBasis> basis;
  std::int64_t units_before = 0;
  std::int64_t units_after = 0;
  bool breaks_now = false;  ///< it ran before, and does not run now
};

/// A fact that is not the same on both sides.
struct Difference {
  std::string what;
  std::string before;
  std::string after;
};

struct Comparison {
  std::string model;
  std::string machine;
  std::int64_t runs_before = 0;
  std::int64_t runs_after = 0;
  std::vector<CellComparison> cells;     ///< in the order of the runs before; then those that are new
  std::vector<Difference> what_changed;  ///< versions, options, threads, inputs; and what was allowed to differ
  std::vector<std::string> notes;        ///< what a reader must know to judge it, a sentence each
};

/// What may differ between the runs though it makes their times hard to compare.
struct CompareOptions {
  bool allow_different_machine = false;
  bool allow_different_boundary = false;
  bool allow_different_model = false;
};

/// Compares cell by cell, by Welch's t on logarithms, corrected over all cells; faster or slower only outside ±1 %. Several runs on a side
/// are one sample each. Throws Exception where machine, timing boundary or model differ and that is not allowed; where there is no cell
/// in common; and for an empty side.
[[nodiscard]] Comparison compare(const std::vector<Results>& before, const std::vector<Results>& after, const CompareOptions& options);

/// Cells that are slower by more than `share` (0.03: 3 %): the estimate is beyond it, and the change is significant. And those that broke.
[[nodiscard]] std::vector<const CellComparison*> regressions(const Comparison& comparison, double share);

[[nodiscard]] std::string to_table(const Comparison& comparison, const TableStyle& style);
[[nodiscard]] std::string to_markdown(const Comparison& comparison);
/// One page with charts, filters and a table, that needs no network and no other file.
[[nodiscard]] std::string to_html(const Comparison& comparison);
/// Schema podium.comparison/1.
[[nodiscard]] std::string to_json(const Comparison& comparison);

/// A results file or, by its name FILE.journal, what an unfinished run had measured. Throws Exception where it is neither.
[[nodiscard]] Results read_run(const std::filesystem::path& file);
[[nodiscard]] bool is_journal(const std::filesystem::path& file);

}  // namespace podium
