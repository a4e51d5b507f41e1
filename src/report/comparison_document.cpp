#include "report/comparison_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

std::string verdict_of(const CellComparison& cell) {
  if (cell.breaks_now) return "broken now";
  std::string text(to_string(cell.change));
  std::replace(text.begin(), text.end(), '_', ' ');  // the file's name of it has no spaces
  if ((cell.change == CellChange::faster || cell.change == CellChange::slower) && cell.ratio)
    text = percent_off(cell.ratio->value) + " " + text;
  return text;
}

ComparisonRow row_of(const CellComparison& cell) {
  ComparisonRow row;
  row.texts[compared_cell] = printable(fmt::format("{} {}", cell.cell.backend, to_string(cell.cell.precision)));
  row.texts[ms_before] = optional_figure(cell.before_ms);
  row.texts[ms_after] = optional_figure(cell.after_ms);
  row.texts[change_ratio] = cell.ratio ? ratio_figure(cell.ratio->value) : absent_figure;
  row.texts[change_interval] =
      cell.corrected ? fmt::format("[{}, {}]", ratio_figure(cell.corrected->low), ratio_figure(cell.corrected->high)) : absent_figure;
  row.texts[verdict] = verdict_of(cell);
  row.options = unusual_options(cell.cell);
  row.change = cell.change;
  row.breaks_now = cell.breaks_now;
  return row;
}

ComparisonTable& table_of(std::vector<ComparisonTable>& tables, std::int64_t batch) {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const ComparisonTable& table) { return table.batch == batch; });
  if (found != tables.end()) return *found;
  tables.push_back({batch, {}});
  return tables.back();
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

std::string headline_of(const Comparison& comparison) {
  std::vector<std::string> parts;
  const auto broken =
      std::count_if(comparison.cells.begin(), comparison.cells.end(), [](const CellComparison& cell) { return cell.breaks_now; });
  if (broken > 0)
    parts.push_back(fmt::format("{} cell{} ran before and {} now", broken, broken == 1 ? "" : "s", broken == 1 ? "breaks" : "break"));
  for (const CellChange change : {CellChange::slower, CellChange::faster}) {
    if (std::string text = told_of(comparison, change); !text.empty()) parts.push_back(std::move(text));
  }
  const auto tied = std::count_if(comparison.cells.begin(), comparison.cells.end(),
                                  [](const CellComparison& cell) { return cell.change == CellChange::tied; });
  if (parts.empty()) return tied == 0 ? "nothing could be compared" : fmt::format("no change beyond noise and ±1 %: {} tied", tied);
  if (tied > 0) parts.push_back(fmt::format("{} tied", tied));
  return join(parts, "; ");
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
  for (const CellComparison& cell : comparison.cells) {
    table_of(document.batches, cell.cell.batch).rows.push_back(row_of(cell));
    if (!cell.reason.empty()) document.reasons.push_back(fmt::format("{} – {}", name_at_batch(cell), printable(cell.reason)));
  }
  for (const Difference& difference : comparison.what_changed)
    document.what_changed.emplace_back(printable(difference.what), printable(fmt::format("{} → {}", difference.before, difference.after)));
  document.notes = comparison.notes;
  return document;
}

}  // namespace report
}  // namespace podium
