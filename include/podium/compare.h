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

/// What a run's machine did besides, by the evidence kept with its blocks.
struct RunLoad {
  std::int64_t blocks = 0;             ///< of all cells
  std::int64_t set_aside = 0;          ///< of those, left out on evidence
  std::int64_t scored_under_load = 0;  ///< of those, scored though there was evidence, since too few others were left
  std::string evidence;                ///< against the first of either; empty where there is none
};

/// A run as it is given to be compared.
struct ComparedRun {
  std::string file;  ///< what to call it; may be empty
  Results results;
};

/// A run that was compared.
struct ComparisonRun {
  std::string file;
  std::string started;  ///< UTC, ISO 8601
  bool is_after = false;
  RunLoad load;
};

/// Inputs a second with several requests in flight, where both sides have measured them.
struct ThroughputComparison {
  CellChange change = CellChange::not_comparable;  ///< faster: more inputs a second
  double before_per_s = 0.0;                       ///< geometric mean over units
  double after_per_s = 0.0;
  std::int64_t requests_before = 1;  ///< in flight at once, of the newest run of each side
  std::int64_t requests_after = 1;
  Ratio ratio;                        ///< after ÷ before: over 1 is more, so faster
  std::optional<Interval> corrected;  ///< of the ratio, by Holm's method over all figures; nothing where a side has one launch
  ComparisonBasis basis = ComparisonBasis::launches;
  std::int64_t units_before = 0;
  std::int64_t units_after = 0;
};

struct CellComparison {
  Cell cell;  ///< the one compared, without its blocks: of the runs after, where it is there
  CellChange change = CellChange::not_comparable;
  std::string reason;               ///< one sentence, where it is not comparable, a run of it broke, or its throughput is missing now
  std::optional<double> before_ms;  ///< geometric mean over units of the rounds' medians: what the ratio is the ratio of
  std::optional<double> after_ms;
  std::optional<Ratio> ratio;         ///< after ÷ before: over 1 is slower
  std::optional<Interval> corrected;  ///< of the ratio, by Holm's method over all figures: `change` is read from it
  std::optional<ComparisonBasis> basis;
  std::int64_t units_before = 0;
  std::int64_t units_after = 0;
  std::optional<ThroughputComparison> throughput;
  bool breaks_now = false;              ///< it ran before, and does not run now
  bool missing_now = false;             ///< it was measured before, and no run after has a figure of it, nor a failure that says why
  bool throughput_missing_now = false;  ///< its throughput was measured before, and no run after has it, though they have its time
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
  std::vector<ComparisonRun> runs;       ///< those before, then those after
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
/// in common; for an empty side; and for a run that is given twice.
[[nodiscard]] Comparison compare(const std::vector<ComparedRun>& before, const std::vector<ComparedRun>& after,
                                 const CompareOptions& options);

/// Whether a time is longer, or a throughput less, by more than `share` (0.03: 3 %): the estimate is beyond it, and the change significant.
[[nodiscard]] bool is_slower_by(const CellComparison& cell, double share);
[[nodiscard]] bool is_slower_by(const ThroughputComparison& throughput, double share);
/// Cells that are slower so, in their time or their throughput. And those that broke, or of which either is missing.
[[nodiscard]] std::vector<const CellComparison*> regressions(const Comparison& comparison, double share);

/// A figure of which nobody can say whether it is slower by more than some share: its noise would hide a change of that size.
struct UndecidedFigure {
  const CellComparison* cell = nullptr;
  bool is_throughput = false;
  double hidden = 0.0;  ///< changes up to this share would not have been seen; infinite where nothing is known of the noise
};
/// Those among the tied figures whose interval is wider than `share` to the slower side, or 1 % where that is more. And those that were
/// measured on both sides and cannot be compared.
[[nodiscard]] std::vector<UndecidedFigure> undecided(const Comparison& comparison, double share);

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
