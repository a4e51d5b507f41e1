#include "podium/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/compared_runs.h"
#include "api/run_differences.h"
#include "api/run_settings.h"
#include "api/told_changes.h"
#include "core/environment.h"
#include "core/result.h"
#include "core/text.h"
#include "measure/two_runs.h"
#include "report/journal.h"

namespace podium {
namespace {

const Cell* find_cell(const Results& run, const std::string& id) {
  const auto found = std::find_if(run.cells.begin(), run.cells.end(), [&](const Cell& cell) { return cell.id == id; });
  return found == run.cells.end() ? nullptr : &*found;
}

bool has_figures(const Cell& cell) {
  return (cell.status == CellStatus::ok || cell.status == CellStatus::partial) && !measure::log_medians(cell.blocks).empty();
}

std::vector<std::string> ids_with_figures(const Results& recorded) {
  std::vector<std::string> ids;
  for (const Cell& cell : recorded.cells) {
    if (has_figures(cell)) ids.push_back(cell.id);
  }
  return ids;
}

/// The cell of the least median of the first batch size that was measured.
Result<const Cell*> fastest(const Results& recorded) {
  const Cell* best = nullptr;
  for (const Cell& cell : recorded.cells) {
    if (!has_figures(cell) || !cell.latency_ms || (best != nullptr && cell.batch != best->batch)) continue;
    if (best == nullptr || cell.latency_ms->median < best->latency_ms->median) best = &cell;
  }
  if (best == nullptr)
    return fail(ErrorCode::bad_input, "the file holds no measured cell", "give a results file in which a cell was measured");
  return best;
}

Result<const Cell*> chosen_cell(const Results& recorded, const std::string& id) {
  if (id.empty()) return fastest(recorded);
  const std::vector<std::string> known = ids_with_figures(recorded);
  const Cell* cell = find_cell(recorded, id);
  const std::string remedy = known.empty() ? "give a results file in which a cell was measured" : "choose from " + join(known, ", ");
  if (cell == nullptr)
    return fail(ErrorCode::wrong_use, fmt::format("--cell: the file has no cell '{}'{}", printable(id), did_you_mean(id, known)), remedy);
  if (!has_figures(*cell)) {
    return fail(ErrorCode::wrong_use, fmt::format("--cell: '{}' has no figure to repeat: it is {}", printable(id), to_string(cell->status)),
                remedy);
  }
  return cell;
}

const Cell* baseline_of(const Results& recorded, const Cell& cell) {
  const auto found = std::find_if(recorded.cells.begin(), recorded.cells.end(), [&](const Cell& other) {
    return other.is_baseline && other.batch == cell.batch && other.id != cell.id && has_figures(other);
  });
  return cell.is_baseline || found == recorded.cells.end() ? nullptr : &*found;
}

Result<void> check_machine(const Results& recorded, const ReplayRequest& request) {
  std::vector<api::Hindrance> found;
  for (const Difference& difference : api::machine_differences(recorded.environment, read_environment()))
    found.push_back({api::Obstacle::machine, difference});
  CompareOptions options;
  options.allow_different_machine = request.allow_different_machine;
  auto allowed = api::check_allowed(found, options);
  if (allowed) return {};
  return fail(ErrorCode::wrong_use, "this is not the machine as it was: " + allowed.error().message,
              "repeat it there, or here all the same with --allow-different machine");
}

/// As much for each cell as it had; the rest of the recorded run is not repeated.
std::chrono::duration<double> budget_of(const Results& recorded, const ReplayRequest& request, std::size_t cells) {
  if (request.budget.count() > 0) return request.budget;
  const std::size_t measured = std::max<std::size_t>(ids_with_figures(recorded).size(), 1);
  return std::chrono::duration<double>(recorded.settings.budget_s * static_cast<double>(cells) / static_cast<double>(measured));
}

BenchRequest request_for(const Results& recorded, const std::vector<const Cell*>& cells, const ReplayRequest& asked) {
  BenchRequest request = api::request_of(recorded, cells);
  request.budget = budget_of(recorded, asked, cells.size());
  request.json = asked.json;
  request.no_wait = asked.no_wait;
  request.overwrite = true;  // what stands at `json` was looked at
  request.command = asked.command;
  return request;
}

CellComparison compared(const Cell& cell, const measure::Change& change, const measure::Judgement& judgement) {
  CellComparison comparison;
  comparison.cell = cell;
  comparison.cell.blocks.clear();
  comparison.before_ms = std::exp(change.before.mean);
  comparison.after_ms = std::exp(change.after.mean);
  comparison.ratio = judgement.ratio;
  comparison.corrected = judgement.corrected;
  comparison.basis = api::basis_of(change.units);
  comparison.units_before = static_cast<std::int64_t>(change.before.n);
  comparison.units_after = static_cast<std::int64_t>(change.after.n);
  if (judgement.corrected) comparison.change = api::change_of(judgement.relation);
  return comparison;
}

ThroughputComparison compared_throughput(const Cell& before, const Cell& after, const measure::Change& change,
                                         const measure::Judgement& judgement) {
  ThroughputComparison comparison;
  api::tell(comparison, change, judgement);
  comparison.requests_before = before.throughput->requests;
  comparison.requests_after = after.throughput->requests;
  return comparison;
}

std::optional<measure::Change> change_between(const measure::RoundValues& before, const measure::RoundValues& after) {
  return measure::change_between(std::span(&before, 1), std::span(&after, 1));
}

/// "10.12 ms now, 10.00 ms recorded: 1.012 times (95 % interval 0.990 to 1.030)".
std::string figures_of(double now, double recorded, const char* unit, double ratio, const std::optional<Interval>& interval) {
  const std::string told =
      interval ? fmt::format(" (95 % interval {:.3f} to {:.3f})", interval->low, interval->high) : " (too few rounds for an interval)";
  return fmt::format("{:.4g}{} now, {:.4g}{} recorded: {:.3f} times{}", now, unit, recorded, unit, ratio, told);
}

std::string figures_of(const CellComparison& it, const char* unit) {
  return figures_of(*it.after_ms, *it.before_ms, unit, it.ratio->value, it.corrected);
}

/// Of a figure that has no interval nothing can be said.
template <typename Compared>
bool differs(const Compared& it) {
  return it.corrected && it.change != CellChange::tied;
}

std::string agreement(bool agrees, bool differs) {
  if (differs) return "does not agree";
  return agrees ? "agrees" : "cannot be judged";
}

template <typename Compared>
std::string agreement(const Compared& it) {
  return agreement(it.change == CellChange::tied, differs(it));
}

/// Empty where the recorded run has not measured it.
std::string told_throughput(const Replay& replay) {
  if (const auto& it = replay.latency.throughput)
    return fmt::format("; its throughput {}: {}", agreement(*it),
                       figures_of(it->after_per_s, it->before_per_s, " a second", it->ratio.value, it->corrected));
  if (replay.latency.throughput_missing_now) return "; its throughput does not agree: " + printable(replay.latency.reason);
  return {};
}

std::string why(bool latency_differs, bool ratio_differs) {
  if (latency_differs && !ratio_differs) return "; against the baseline it is as fast as it was: the whole machine was faster or slower";
  return ratio_differs && !latency_differs ? "; the baseline has changed, not this cell" : "";
}

bool any_differs(const Replay& replay) {
  const auto& throughput = replay.latency.throughput;
  return differs(replay.latency) || (replay.ratio && differs(*replay.ratio)) || (throughput && differs(*throughput)) ||
         replay.latency.throughput_missing_now;
}

std::string sentence_of(const Replay& replay) {
  std::string text =
      fmt::format("{} {}: {}", printable(replay.cell), agreement(replay.agrees, any_differs(replay)), figures_of(replay.latency, " ms"));
  if (replay.ratio) {
    text += fmt::format("; its ratio to the baseline {}: {}", agreement(*replay.ratio), figures_of(*replay.ratio, ""));
    if (replay.latency.corrected && replay.ratio->corrected) text += why(differs(replay.latency), differs(*replay.ratio));
  }
  text += told_throughput(replay);
  const bool one_launch = replay.latency.basis == ComparisonBasis::rounds;
  if (one_launch) text += "; one launch on a side tells nothing of how far launches stray, so agreement proves little and difference less";
  return text;
}

bool agrees(const Replay& replay) {
  const auto& throughput = replay.latency.throughput;
  return replay.latency.change == CellChange::tied && (!replay.ratio || replay.ratio->change == CellChange::tied) &&
         (!throughput || throughput->change == CellChange::tied) && !replay.latency.throughput_missing_now;
}

/// The figures are judged together, so that each further chance to differ by luck is paid for.
Result<void> judge(Replay& replay, const Cell& recorded, const Cell* recorded_baseline) {
  const Cell* now = find_cell(replay.results, replay.cell);
  if (now == nullptr || !has_figures(*now)) {
    const std::string reason = now == nullptr || now->reason.empty() ? "" : ": " + printable(now->reason);
    return fail(ErrorCode::failed, fmt::format("'{}' could not be measured again{}", printable(replay.cell), reason),
                now == nullptr || now->remedy.empty() ? "podium doctor says which engines are here" : now->remedy);
  }
  std::vector<measure::Change> changes;
  const auto latency = change_between(measure::log_medians(recorded.blocks), measure::log_medians(now->blocks));
  if (!latency) return fail(ErrorCode::bad_input, "the recorded samples are no times", "give a results file that podium wrote");
  changes.push_back(*latency);
  const Cell* baseline_now = recorded_baseline == nullptr ? nullptr : find_cell(replay.results, recorded_baseline->id);
  if (baseline_now != nullptr) {
    const auto ratio = change_between(measure::log_ratios(recorded.blocks, recorded_baseline->blocks),
                                      measure::log_ratios(now->blocks, baseline_now->blocks));
    if (ratio) changes.push_back(*ratio);
  }
  const bool has_ratio = changes.size() > 1;
  const auto throughput = change_between(api::log_times_of_throughput(recorded), api::log_times_of_throughput(*now));
  if (throughput) changes.push_back(*throughput);
  const std::vector<measure::Judgement> judgements = measure::judge(changes);
  replay.latency = compared(*now, changes[0], judgements[0]);
  if (has_ratio) replay.ratio = compared(*now, changes[1], judgements[1]);
  if (throughput) replay.latency.throughput = compared_throughput(recorded, *now, changes.back(), judgements.back());
  if (recorded.throughput && !now->throughput) {
    const auto reason = now->missing.find("throughput");
    replay.latency.throughput_missing_now = true;
    replay.latency.reason = "it could not be measured again" + (reason == now->missing.end() ? "" : ": " + reason->second);
  }
  replay.agrees = agrees(replay);
  replay.sentence = sentence_of(replay);
  return {};
}

}  // namespace

Replay replay(const Results& recorded, const ReplayRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  if (recorded.settings.model.empty()) {
    throw Exception({ErrorCode::bad_input, "the file does not say how it was measured: an older Podium wrote it",
                     "measure again with podium bench --json, and replay that file"});
  }
  const Cell& cell = *value_or_throw(chosen_cell(recorded, request.cell));
  value_or_throw(check_machine(recorded, request));
  Replay replay;
  replay.cell = cell.id;
  std::vector<const Cell*> cells{&cell};
  const Cell* baseline = baseline_of(recorded, cell);
  if (baseline != nullptr) {
    cells.push_back(baseline);
    replay.baseline = baseline->id;
  }
  if (!request.json.empty())
    value_or_throw(report::check_not_interrupted(request.json, "finish that run with podium bench --resume, or give --json another file"));
  replay.results = bench(request_for(recorded, cells, request), observer, cancel);
  if (cancel.requested()) throw Exception({ErrorCode::cancelled, "stopped before the cell was measured again", "let it run to its end"});
  value_or_throw(judge(replay, cell, baseline));
  api::add_new(replay.what_changed, api::machine_differences(recorded.environment, replay.results.environment));
  api::add_new(replay.what_changed, api::what_changed(recorded, replay.results));
  for (const auto& [name, load] :
       {std::pair{"the recorded run", api::load_of(cells)}, {"this measurement", api::load_of(replay.results)}}) {
    if (std::string told = api::told_load(name, load); !told.empty()) replay.notes.push_back(std::move(told));
  }
  return replay;
}

}  // namespace podium
