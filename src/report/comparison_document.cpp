#include "report/comparison_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/name_table.h"
#include "core/text.h"
#include "report/document.h"
#include "report/figures.h"

namespace podium {
namespace {

constexpr std::pair<CellChange, std::string_view> change_names[] = {
    {CellChange::faster, "faster"},           {CellChange::slower, "slower"},         {CellChange::tied, "tied"},
    {CellChange::only_before, "only_before"}, {CellChange::only_after, "only_after"}, {CellChange::not_comparable, "not_comparable"},
};

constexpr std::pair<ComparisonBasis, std::string_view> basis_names[] = {
    {ComparisonBasis::runs, "runs"},
    {ComparisonBasis::launches, "launches"},
    {ComparisonBasis::rounds, "rounds"},
};

}  // namespace

std::string_view to_string(CellChange change) noexcept {
  return name_in(change_names, change);
}

std::string_view to_string(ComparisonBasis basis) noexcept {
  return name_in(basis_names, basis);
}

namespace report {
namespace {

std::string optional_figure(const std::optional<double>& value) {
  return value ? four_digits(*value) : absent_figure;
}

std::string ratio_figure(double ratio) {
  return std::isfinite(ratio) ? fmt::format("{:.3f}", ratio) : absent_figure;
}

/// Two launches give an interval that says nothing; its figures would only be in the way.
std::string interval_figure(const Interval& interval) {
  constexpr double widest = 100.0;
  const std::string low = interval.low < 1.0 / widest ? fmt::format("<{:g}", 1.0 / widest) : ratio_figure(interval.low);
  const std::string high = interval.high > widest ? fmt::format(">{:g}", widest) : ratio_figure(interval.high);
  return fmt::format("[{}, {}]", low, high);
}

std::string verdict_of(const CellComparison& cell) {
  if (cell.breaks_now) return "broken now";
  if (cell.missing_now) return "missing now";
  std::string text(to_string(cell.change));
  std::replace(text.begin(), text.end(), '_', ' ');  // the file's name of it has no spaces
  if ((cell.change == CellChange::faster || cell.change == CellChange::slower) && cell.ratio)
    text = percent_off(cell.ratio->value) + " " + text;
  return text;
}

std::string verdict_of(const ThroughputComparison& throughput) {
  const bool is_changed = throughput.change == CellChange::faster || throughput.change == CellChange::slower;
  if (is_changed) return percent_off(throughput.ratio.value) + (throughput.change == CellChange::faster ? " more" : " less");
  return throughput.change == CellChange::tied ? "tied" : "not comparable";
}

std::string rate_figure(double per_s, std::int64_t requests) {
  return fmt::format("{} @{}", four_digits(per_s), requests);
}

ComparisonRow throughput_row_of(const CellComparison& cell) {
  const ThroughputComparison& throughput = *cell.throughput;
  ComparisonRow row;
  row.texts[compared_cell] = printable(fmt::format("{} {}", cell.cell.backend, to_string(cell.cell.precision)));
  row.texts[figure_before] = rate_figure(throughput.before_per_s, throughput.requests_before);
  row.texts[figure_after] = rate_figure(throughput.after_per_s, throughput.requests_after);
  row.texts[change_ratio] = ratio_figure(throughput.ratio.value);
  row.texts[change_interval] = throughput.corrected ? interval_figure(*throughput.corrected) : absent_figure;
  row.texts[verdict] = verdict_of(throughput);
  row.options = unusual_options(cell.cell);
  row.change = throughput.change;
  return row;
}

ComparisonRow row_of(const CellComparison& cell) {
  ComparisonRow row;
  row.texts[compared_cell] = printable(fmt::format("{} {}", cell.cell.backend, to_string(cell.cell.precision)));
  row.texts[figure_before] = optional_figure(cell.before_ms);
  row.texts[figure_after] = optional_figure(cell.after_ms);
  row.texts[change_ratio] = cell.ratio ? ratio_figure(cell.ratio->value) : absent_figure;
  row.texts[change_interval] = cell.corrected ? interval_figure(*cell.corrected) : absent_figure;
  row.texts[verdict] = verdict_of(cell);
  row.options = unusual_options(cell.cell);
  row.change = cell.change;
  row.is_lost = cell.breaks_now || cell.missing_now;
  return row;
}

/// Those of one batch size stand together.
ComparisonTable& table_of(std::vector<ComparisonTable>& tables, std::int64_t batch, bool is_throughput) {
  auto behind = tables.end();
  for (auto table = tables.begin(); table != tables.end(); ++table) {
    if (table->batch != batch) continue;
    if (table->is_throughput == is_throughput) return *table;
    behind = std::next(table);
  }
  return *tables.insert(behind, {batch, is_throughput, {}});
}

std::string name_at_batch(const CellComparison& cell) {
  return fmt::format("{} at batch {}", short_name(cell.cell), cell.cell.batch);
}

/// "3 cells are slower, the most NAME at batch 1, by 20.3 %".
std::string told_of(const Comparison& comparison, CellChange change) {
  const CellComparison* most = nullptr;
  int count = 0;
  for (const CellComparison& cell : comparison.cells) {
    if (cell.change != change || !cell.ratio) continue;
    ++count;
    const auto size = [](const CellComparison& one) { return std::abs(std::log(one.ratio->value)); };
    if (most == nullptr || size(cell) > size(*most)) most = &cell;
  }
  if (most == nullptr) return {};
  if (count == 1) return fmt::format("{} is {} {}", name_at_batch(*most), percent_off(most->ratio->value), to_string(change));
  return fmt::format("{} cells are {}, the most {}, by {}", count, to_string(change), name_at_batch(*most),
                     percent_off(most->ratio->value));
}

/// "throughput of NAME at batch 1 is 5.0 % less".
std::string told_throughput(const Comparison& comparison, CellChange change) {
  const CellComparison* most = nullptr;
  int count = 0;
  const auto size = [](const CellComparison& one) { return std::abs(std::log(one.throughput->ratio.value)); };
  for (const CellComparison& cell : comparison.cells) {
    if (!cell.throughput || cell.throughput->change != change) continue;
    ++count;
    if (most == nullptr || size(cell) > size(*most)) most = &cell;
  }
  if (most == nullptr) return {};
  if (count == 1) return fmt::format("throughput of {} is {}", name_at_batch(*most), verdict_of(*most->throughput));
  return fmt::format("throughput of {} cells is {}, the most of {}, by {}", count, change == CellChange::faster ? "more" : "less",
                     name_at_batch(*most), percent_off(most->throughput->ratio.value));
}

/// Tied cells of which nobody can say that they are as fast: even this much would not have been seen.
std::int64_t too_wide_to_tell(const Comparison& comparison) {
  constexpr double much = 0.1;
  return std::count_if(comparison.cells.begin(), comparison.cells.end(), [](const CellComparison& cell) {
    return cell.change == CellChange::tied && cell.corrected && (cell.corrected->low < 1.0 - much || cell.corrected->high > 1.0 + much);
  });
}

/// "4 tied", and for how many of them that says little.
std::string ties_in(const Comparison& comparison) {
  const auto tied = std::count_if(comparison.cells.begin(), comparison.cells.end(),
                                  [](const CellComparison& cell) { return cell.change == CellChange::tied; });
  if (tied == 0) return {};
  const std::int64_t wide = too_wide_to_tell(comparison);
  if (wide == 0) return fmt::format("{} tied", tied);
  const std::string which = tied == 1 ? "" : wide == tied ? "all " : fmt::format("{} of them ", wide);
  return fmt::format("{} tied, {}with an interval too wide to tell a change of 10 %", tied, which);
}

/// "a.json was measured under load"; empty where no run was.
std::string told_load(const Comparison& comparison) {
  std::vector<std::string> files;
  for (const ComparisonRun& run : comparison.runs) {
    if (run.load.scored_under_load > 0) files.push_back(printable(run.file));
  }
  if (files.empty()) return {};
  return files.size() == 1 ? files.front() + " was measured under load" : fmt::format("{} runs were measured under load", files.size());
}

std::string headline_of(const Comparison& comparison) {
  std::vector<std::string> parts;
  const auto count = [&](bool CellComparison::*is_so) {
    return std::count_if(comparison.cells.begin(), comparison.cells.end(), [is_so](const CellComparison& cell) { return cell.*is_so; });
  };
  if (const auto broken = count(&CellComparison::breaks_now); broken > 0)
    parts.push_back(fmt::format("{} cell{} ran before and {} now", broken, broken == 1 ? "" : "s", broken == 1 ? "breaks" : "break"));
  if (const auto missing = count(&CellComparison::missing_now); missing > 0)
    parts.push_back(fmt::format("{} cell{} measured before and {} missing now", missing, missing == 1 ? " was" : "s were",
                                missing == 1 ? "is" : "are"));
  if (const auto missing = count(&CellComparison::throughput_missing_now); missing > 0)
    parts.push_back(fmt::format("throughput of {} cell{} was measured before and is missing now", missing, missing == 1 ? "" : "s"));
  for (const CellChange change : {CellChange::slower, CellChange::faster}) {
    for (const std::string& text : {told_of(comparison, change), told_throughput(comparison, change)}) {
      if (!text.empty()) parts.push_back(text);
    }
  }
  const std::string ties = ties_in(comparison);
  if (parts.empty()) {
    parts.push_back(ties.empty() ? "nothing could be compared" : "no change beyond noise and ±1 %: " + ties);
  } else if (!ties.empty()) {
    parts.push_back(ties);
  }
  if (std::string load = told_load(comparison); !load.empty()) parts.push_back(std::move(load));
  return join(parts, "; ");
}

/// Each name and reason once, with all the batch sizes that it has.
std::vector<std::string> reasons_of(const Comparison& comparison) {
  struct Reason {
    std::string name;
    std::string reason;
    std::vector<std::int64_t> batches;
  };
  std::vector<Reason> told;
  for (const CellComparison& cell : comparison.cells) {
    if (cell.reason.empty()) continue;
    const std::string name = short_name(cell.cell);
    auto known = std::find_if(told.begin(), told.end(), [&](const Reason& one) { return one.name == name && one.reason == cell.reason; });
    if (known == told.end()) known = told.insert(known, {name, cell.reason, {}});
    known->batches.push_back(cell.cell.batch);
  }
  std::vector<std::string> lines;
  for (const Reason& one : told)
    lines.push_back(fmt::format("{} at batch {} – {}", one.name, fmt::join(one.batches, ", "), printable(one.reason)));
  return lines;
}

std::string title_of(const Comparison& comparison) {
  const auto runs = [](std::int64_t count) { return count == 1 ? std::string("1 run") : fmt::format("{} runs", count); };
  return fmt::format("{}: {} before, {} after", comparison.model, runs(comparison.runs_before), runs(comparison.runs_after));
}

}  // namespace

ComparisonDocument make_document(const Comparison& comparison) {
  ComparisonDocument document;
  document.title = title_of(comparison);
  document.machine = comparison.machine;
  document.headline = headline_of(comparison);
  document.is_doubtful = too_wide_to_tell(comparison) > 0 || !told_load(comparison).empty() ||
                         std::any_of(comparison.cells.begin(), comparison.cells.end(), [](const auto& cell) {
                           const bool serves_less = cell.throughput && cell.throughput->change == CellChange::slower;
                           const bool is_lost = cell.breaks_now || cell.missing_now || cell.throughput_missing_now;
                           return is_lost || cell.change == CellChange::slower || serves_less;
                         });
  for (const CellComparison& cell : comparison.cells) {
    table_of(document.tables, cell.cell.batch, false).rows.push_back(row_of(cell));
    if (cell.throughput) table_of(document.tables, cell.cell.batch, true).rows.push_back(throughput_row_of(cell));
  }
  document.reasons = reasons_of(comparison);
  for (const Difference& difference : comparison.what_changed)
    document.what_changed.emplace_back(printable(difference.what), printable(fmt::format("{} → {}", difference.before, difference.after)));
  document.notes = comparison.notes;
  return document;
}

}  // namespace report
}  // namespace podium
