#include "podium/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "api/compared_runs.h"
#include "api/run_differences.h"
#include "api/told_changes.h"
#include "core/result.h"
#include "core/text.h"
#include "measure/comparison.h"
#include "measure/two_runs.h"

namespace podium {
namespace {

using Runs = std::vector<ComparedRun>;

/// All that one side has of a cell.
struct CellRuns {
  const Cell* latest = nullptr;  ///< null where no run of this side has the cell
  const Cell* broken = nullptr;  ///< a run in which it did not end well
  bool unfinished = false;
  std::vector<measure::RoundValues> values;       ///< one for each run that measured it
  std::vector<measure::RoundValues> throughputs;  ///< time of one input, one for each run that measured that
  std::int64_t requests = 1;                      ///< of the latest of those, in flight
  double throughput_per_s = 0.0;                  ///< likewise

  [[nodiscard]] bool is_there() const noexcept { return latest != nullptr; }
  [[nodiscard]] bool was_measured() const noexcept { return !values.empty(); }
};

CellRuns runs_of(const Runs& runs, const std::string& id) {
  CellRuns all;
  for (const ComparedRun& run : runs) {
    const Cell* cell = api::find_cell(run.results, id);
    if (cell == nullptr) continue;
    all.latest = cell;
    const bool may_count = cell->status == CellStatus::ok || cell->status == CellStatus::partial;
    all.unfinished = all.unfinished || cell->status == CellStatus::partial;
    if (!may_count) all.broken = cell;
    if (measure::RoundValues values = measure::log_medians(cell->blocks); may_count && !values.empty())
      all.values.push_back(std::move(values));
    if (measure::RoundValues values = api::log_times_of_throughput(*cell); may_count && !values.empty()) {
      all.throughputs.push_back(std::move(values));
      all.requests = cell->throughput->requests;
      all.throughput_per_s = cell->throughput->per_s;
    }
  }
  return all;
}

/// Every cell once: those of the runs before in their order, then those that are new.
std::vector<std::string> ids_of(const Runs& before, const Runs& after) {
  std::vector<std::string> ids;
  for (const Runs* side : {&before, &after}) {
    for (const ComparedRun& run : *side) {
      for (const Cell& cell : run.results.cells) {
        if (std::find(ids.begin(), ids.end(), cell.id) == ids.end()) ids.push_back(cell.id);
      }
    }
  }
  return ids;
}

std::string told(const Cell& cell, const char* when) {
  const std::string reason = cell.reason.empty() ? "" : ": " + printable(cell.reason);
  return fmt::format("{} {}{}", to_string(cell.status), when, reason);
}

/// Empty where every run of the cell went well.
std::string why_broken(const CellRuns& before, const CellRuns& after) {
  if (before.broken == nullptr && after.broken == nullptr) return {};
  if (after.broken == nullptr) return told(*before.broken, "before");
  if (before.broken == nullptr) return told(*after.broken, "after");
  const bool same = before.broken->status == after.broken->status && before.broken->reason == after.broken->reason;
  return same ? told(*after.broken, "on both sides") : told(*before.broken, "before") + "; " + told(*after.broken, "after");
}

Cell without_blocks(const Cell& cell) {
  Cell copy = cell;
  copy.blocks.clear();
  copy.throughput_blocks.clear();
  return copy;
}

/// What can be said before any figure is looked at.
CellComparison start_comparison(const CellRuns& before, const CellRuns& after) {
  CellComparison comparison;
  comparison.cell = without_blocks(after.is_there() ? *after.latest : *before.latest);
  // One that broke now and then before is no news as long as it is measured now and then.
  comparison.breaks_now = before.was_measured() && after.broken != nullptr && (before.broken == nullptr || !after.was_measured());
  comparison.missing_now = before.was_measured() && !after.was_measured() && after.broken == nullptr;
  comparison.reason = why_broken(before, after);
  if (!after.is_there()) comparison.change = CellChange::only_before;
  if (!before.is_there()) comparison.change = CellChange::only_after;
  if (comparison.missing_now) {
    comparison.reason = after.is_there() ? "measured before, and begun but not measured after" : "measured before, and not there after";
  } else if (before.is_there() && after.is_there() && comparison.reason.empty()) {
    comparison.reason = before.was_measured() ? "not measured after" : "not measured before";
  }
  return comparison;
}

/// Why the newest run after has none, where it says so.
std::string why_no_throughput(const CellRuns& before, const CellRuns& after) {
  const auto missing = after.latest->missing.find("throughput");
  const std::string why = missing == after.latest->missing.end() ? "" : ": " + printable(missing->second);
  return fmt::format("its throughput was measured before ({:.4g} a second) and is not there after{}", before.throughput_per_s, why);
}

void fill(CellComparison& comparison, const measure::Change& change, const measure::Judgement& judgement) {
  comparison.before_ms = std::exp(change.before.mean);
  comparison.after_ms = std::exp(change.after.mean);
  comparison.ratio = judgement.ratio;
  comparison.corrected = judgement.corrected;
  comparison.units_before = static_cast<std::int64_t>(change.before.n);
  comparison.units_after = static_cast<std::int64_t>(change.after.n);
  comparison.basis = api::basis_of(change.units);
  if (judgement.corrected) {
    comparison.change = api::change_of(judgement.relation);
  } else {
    const std::string besides = comparison.reason.empty() ? "" : "; " + comparison.reason;
    comparison.reason = "one round on a side: there is no telling noise from change" + besides;
  }
}

class Comparing {
 public:
  Comparing(const Runs& before, const Runs& after) : before_(before), after_(after) {}

  Comparison run() {
    for (const std::string& id : ids_of(before_, after_)) take_cell(id);
    const std::vector<measure::Judgement> judgements = measure::judge(changes_);
    for (std::size_t i = 0; i < judgements.size(); ++i) {
      CellComparison& cell = result_.cells[compared_[i].cell];
      if (compared_[i].is_throughput)
        api::tell(*cell.throughput, changes_[i], judgements[i]);
      else
        fill(cell, changes_[i], judgements[i]);
    }
    describe();
    return std::move(result_);
  }
  [[nodiscard]] bool has_common_cell() const noexcept { return common_; }

 private:
  void take_cell(const std::string& id) {
    const CellRuns before = runs_of(before_, id);
    const CellRuns after = runs_of(after_, id);
    result_.cells.push_back(start_comparison(before, after));
    common_ = common_ || (before.is_there() && after.is_there());
    unfinished_ = unfinished_ || before.unfinished || after.unfinished;
    if (before.is_there() && after.is_there()) api::add_new(result_.what_changed, api::changed_defaults(*before.latest, *after.latest));
    const auto change = measure::change_between(before.values, after.values);
    if (!change) return;
    if (before.broken == nullptr && after.broken == nullptr) result_.cells.back().reason.clear();
    compared_.push_back({result_.cells.size() - 1, false});
    changes_.push_back(*change);
    take_throughput(before, after);
  }

  void take_throughput(const CellRuns& before, const CellRuns& after) {
    CellComparison& cell = result_.cells.back();
    if (before.throughputs.empty() && !after.throughputs.empty()) ++new_throughputs_;
    if (!before.throughputs.empty() && after.throughputs.empty()) {
      // A failure of the whole cell is told as such.
      cell.throughput_missing_now = after.broken == nullptr;
      if (cell.throughput_missing_now) cell.reason = why_no_throughput(before, after);
    }
    const auto change = measure::change_between(before.throughputs, after.throughputs);
    if (!change) return;
    ThroughputComparison& throughput = cell.throughput.emplace();
    throughput.requests_before = before.requests;
    throughput.requests_after = after.requests;
    compared_.push_back({result_.cells.size() - 1, true});
    changes_.push_back(*change);
  }

  void describe() {
    const Results& latest = after_.back().results;
    result_.model = printable(latest.model.name);
    result_.machine = api::machine_name(latest.environment);
    result_.runs_before = static_cast<std::int64_t>(before_.size());
    result_.runs_after = static_cast<std::int64_t>(after_.size());
    note_runs();
    note_basis();
    note_baseline();
    if (new_throughputs_ > 0) {
      result_.notes.push_back(fmt::format("throughput of {} cell{} was not measured before, and is not compared there", new_throughputs_,
                                          new_throughputs_ == 1 ? "" : "s"));
    }
    if (unfinished_) result_.notes.emplace_back("a run was not finished: its cells are compared by what had been measured of them");
  }

  [[nodiscard]] bool any_on(ComparisonBasis basis) const {
    return std::any_of(result_.cells.begin(), result_.cells.end(), [&](const CellComparison& cell) { return cell.basis == basis; });
  }

  void note_runs() {
    for (const Runs* side : {&before_, &after_}) {
      for (const ComparedRun& run : *side) {
        const bool is_after = side == &after_;
        result_.runs.push_back({run.file, run.results.started, is_after, api::load_of(run.results)});
        const std::string name = fmt::format("{} ({})", run.file, is_after ? "after" : "before");
        if (std::string told = api::told_load(name, result_.runs.back().load); !told.empty()) result_.notes.push_back(std::move(told));
      }
    }
  }

  void note_basis() {
    if (any_on(ComparisonBasis::rounds)) {
      result_.notes.emplace_back(
          "a side has one launch of the worker: the interval covers the noise within it, not what differs from launch to launch, and a "
          "small difference may be chance; give several runs on each side (A1,A2,A3 B1,B2,B3)");
    } else if (any_on(ComparisonBasis::launches)) {
      result_.notes.emplace_back(
          "the interval covers what differs from launch to launch, not what differs from run to run (temperature, what else ran); "
          "several runs on each side would (A1,A2,A3 B1,B2,B3)");
    }
  }

  /// The baseline is there to be the same: where it moved, so may the machine have.
  void note_baseline() {
    for (const CellComparison& cell : result_.cells) {
      if (!cell.cell.is_baseline || !cell.ratio || cell.change == CellChange::tied || cell.change == CellChange::not_comparable) continue;
      result_.notes.push_back(
          fmt::format("the baseline itself ({}) is {} at batch {}: the machine or the baseline's engine changed, not one cell",
                      printable(cell.cell.id), to_string(cell.change), cell.cell.batch));
    }
  }

  const Runs& before_;
  const Runs& after_;
  Comparison result_;
  struct ComparedFigure {
    std::size_t cell = 0;
    bool is_throughput = false;
  };
  std::vector<ComparedFigure> compared_;  ///< what `changes_` belong to
  std::vector<measure::Change> changes_;
  std::int64_t new_throughputs_ = 0;
  bool common_ = false;
  bool unfinished_ = false;
};

/// All runs against the first of those before: those of one side must be of one kind too.
std::vector<api::Hindrance> hindrances_among(const Runs& before, const Runs& after) {
  std::vector<api::Hindrance> all;
  for (const Runs* side : {&after, &before}) {
    for (const ComparedRun& run : *side) {
      for (const api::Hindrance& found : api::hindrances(before.front().results, run.results)) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const api::Hindrance& other) {
          return other.difference.what == found.difference.what && other.difference.after == found.difference.after;
        });
        if (!known) all.push_back(found);
      }
    }
  }
  return all;
}

Result<void> check_no_twins(const Runs& before, const Runs& after) {
  std::vector<api::MarkedFile> files;
  for (const Runs* side : {&before, &after}) {
    for (const ComparedRun& run : *side) files.push_back({run.file, api::mark_of(run.results)});
  }
  return api::check_no_twins(files);
}

}  // namespace

Comparison compare(const std::vector<ComparedRun>& before, const std::vector<ComparedRun>& after, const CompareOptions& options) {
  if (before.empty() || after.empty())
    throw Exception(
        {ErrorCode::wrong_use, "there is nothing to compare: a side has no run", "give at least one results file for each side"});
  value_or_throw(check_no_twins(before, after));
  const std::vector<api::Hindrance> hindrances = hindrances_among(before, after);
  value_or_throw(api::check_allowed(hindrances, options));
  Comparing comparing(before, after);
  Comparison comparison = comparing.run();
  if (!comparing.has_common_cell()) {
    throw Exception({ErrorCode::wrong_use, "the runs have no cell in common",
                     "compare runs of the same backends, precisions, batch sizes, devices and options"});
  }
  for (const api::Hindrance& hindrance : hindrances) api::add_new(comparison.what_changed, {hindrance.difference});
  for (const ComparedRun& run : after) api::add_new(comparison.what_changed, api::what_changed(before.front().results, run.results));
  return comparison;
}

bool is_slower_by(const CellComparison& cell, double share) {
  return cell.change == CellChange::slower && cell.ratio && cell.ratio->value > 1.0 + share;
}

bool is_slower_by(const ThroughputComparison& throughput, double share) {
  return throughput.change == CellChange::slower && throughput.ratio.value < 1.0 - share;
}

std::vector<const CellComparison*> regressions(const Comparison& comparison, double share) {
  std::vector<const CellComparison*> found;
  for (const CellComparison& cell : comparison.cells) {
    const bool is_slower = is_slower_by(cell, share) || (cell.throughput && is_slower_by(*cell.throughput, share));
    if (is_slower || cell.breaks_now || cell.missing_now || cell.throughput_missing_now) found.push_back(&cell);
  }
  return found;
}

std::vector<UndecidedFigure> undecided(const Comparison& comparison, double share) {
  const double asked = std::max(share, measure::equivalence_margin);
  constexpr double all = std::numeric_limits<double>::infinity();
  std::vector<UndecidedFigure> found;
  const auto take = [&](const CellComparison& cell, bool is_throughput, CellChange change, double hidden) {
    const bool is_open = change == CellChange::tied || change == CellChange::not_comparable;
    if (is_open && !(hidden <= asked)) found.push_back({&cell, is_throughput, hidden});
  };
  for (const CellComparison& cell : comparison.cells) {
    if (cell.ratio) take(cell, false, cell.change, cell.corrected ? cell.corrected->high / cell.ratio->value - 1.0 : all);
    if (const auto& other = cell.throughput)
      take(cell, true, other->change, other->corrected ? 1.0 - other->corrected->low / other->ratio.value : all);
  }
  return found;
}

}  // namespace podium
