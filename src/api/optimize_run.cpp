#include "api/optimize_run.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "api/workers.h"
#include "core/text.h"
#include "search/earlier_run.h"
#include "search/optimize/choice.h"
#include "search/optimize/goal.h"
#include "search/optimize/pareto.h"
#include "search/throughput_run.h"

namespace podium::api {
namespace {

/// What finding the lead-in of a cell takes, about.
constexpr double seconds_of_lead_in = 0.6;
/// Warm-up of the rounds that only sort out; the finals warm up as asked.
constexpr std::chrono::milliseconds short_warm_up{300};

search::SearchPolicy policy_of(const OptimizeRequest& request, std::string home_engine) {
  search::SearchPolicy policy;
  policy.goals = request.goals;
  policy.bound = {request.what.max_drop, request.min_sqnr_db, request.speed_only};
  policy.preset = request.preset;
  policy.allow_python = request.allow_python;
  policy.multi_engine = request.multi_engine;
  policy.home_engine = std::move(home_engine);
  for (const auto& [name, values] : request.what.option_values) policy.settled.insert(name);
  return policy;
}

/// As a round counts them that is told to go on behind them.
double seconds_of(const std::vector<search::LiveCell>& cells) {
  std::vector<const Cell*> pointers;
  for (const search::LiveCell& cell : cells) pointers.push_back(&cell.cell);
  return std::chrono::duration<double>(search::time_from_budget(pointers)).count();
}

/// Options that were tried, as a run must be asked for them that is to measure or make the same cells.
void keep_tried_options(Results& results) {
  std::map<std::string, std::set<std::string>> values;
  for (const Cell& cell : results.cells) {
    for (const auto& [option, value] : cell.options) values[cell.backend + "." + option].insert(to_string(value));
  }
  for (const auto& [name, tried] : values) {
    if (tried.size() > 1) results.settings.option_values[name] = {tried.begin(), tried.end()};
  }
}

std::string metric_of(const Results& results) {
  for (const Cell& cell : results.cells) {
    if (cell.accuracy) return cell.accuracy->metric;
  }
  return results.settings.metric;
}

}  // namespace

OptimizeRun::OptimizeRun(const OptimizeRequest& request, BenchRequest what, std::string home_engine, BenchObserver& observer,
                         const CancelToken& cancel)
    : request_(request),
      what_(std::move(what)),
      observer_(observer),
      cancel_(cancel),
      search_(policy_of(request, std::move(home_engine))) {}

double OptimizeRun::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Result<OptimizeReport> OptimizeRun::run() {
  BenchRequest measured = what_;
  measured.budget = {};  // of the search, not of its measurements
  BenchRun bench(measured, observer_, cancel_, [this](const BatchWork& work) { return search_batch(work); });
  auto results = bench.run();
  if (!results) return tl::unexpected(results.error());
  OptimizeReport report;
  report.results = std::move(*results);
  keep_tried_options(report.results);
  report.goal = to_string(request_.goals);
  report.bound = search::to_string(search_.policy().bound, metric_of(report.results));
  report.preset = request_.preset;
  report.log = search_.log();
  if (auto chosen = choose(report); !chosen) return tl::unexpected(chosen.error());
  report.seconds = elapsed_s();
  return report;
}

Result<void> OptimizeRun::search_batch(const BatchWork& work) {
  search::BatchSearchRequest request;
  request.baseline_order = work.request.baseline_order;
  if (what_.budget.count() > 0) {
    const double left_s = std::max(1.0, what_.budget.count() - work.earlier_s - elapsed_s());
    request.until_s = elapsed_s() + left_s / static_cast<double>(work.batches_left);
  }
  search::SearchHooks hooks;
  hooks.make_cells = work.make_cells;
  hooks.measure = [&](std::vector<search::LiveCell>& cells, const search::Round& round) { return measure(cells, round, work); };
  hooks.elapsed_s = [this] { return elapsed_s(); };
  hooks.is_cancelled = [this] { return cancel_.requested(); };
  hooks.on_message = [this](const std::string& message) { observer_.on_message(message); };
  hooks.kept_load_s = work.kept_load_s;
  measured_s_ = 0.0;
  return search_.run(work.cells, request, hooks);
}

/// The owner counts what a batch size has cost; every round begins to count anew.
search::BatchRunHooks OptimizeRun::hooks_behind_earlier_rounds(const BatchWork& work) {
  search::BatchRunHooks hooks = work.hooks;
  hooks.on_measure = [this, &work, before = measured_s_, known = std::optional<double>()](double elapsed, double budget,
                                                                                          const std::string& subject) mutable {
    if (!known) known = elapsed;  // blocks of earlier rounds are counted in it
    measured_s_ = before + elapsed - *known;
    work.hooks.on_measure(measured_s_, std::max(measured_s_, before + budget - *known), subject);
  };
  return hooks;
}

Result<void> OptimizeRun::measure(std::vector<search::LiveCell>& cells, const search::Round& round, const BatchWork& work) {
  observer_.on_message(fmt::format("{}: {} candidates", round.stage, cells.size()));
  search::BatchRunRequest request = work.request;
  request.baseline_order = round.baseline_order;
  request.launches = round.launches;
  const double asked_s = round.seconds_a_cell * static_cast<double>(cells.size());
  request.budget = std::chrono::duration<double>(asked_s + (round.launches == 0 ? seconds_of(cells) : 0.0));
  const bool is_final = round.launches == 0;
  if (!is_final) request.warm_up.shortest = std::min<std::chrono::nanoseconds>(request.warm_up.shortest, short_warm_up);
  if (!search_.policy().tries_all() || !is_final) request.rebuilds = 0;
  if (round.until_s > 0.0) {
    const double a_cell_s = round.seconds_a_cell + seconds_of_lead_in;
    request.may_open = [this, &work, a_cell_s, until_s = round.until_s](const search::LiveCell& cell, std::size_t open) {
      // The first is the baseline, which may be one that cannot win: somebody beside it is tried whatever the time.
      const double load_s = work.kept_load_s(cell.candidate).value_or(0.0);
      return open < 2 || elapsed_s() + load_s + a_cell_s * static_cast<double>(open + 1) <= until_s;
    };
    request.may_launch = [this, until_s = round.until_s](double seconds) { return elapsed_s() + seconds <= until_s; };
  }
  const search::BatchRunHooks hooks = hooks_behind_earlier_rounds(work);
  auto measured = search::run_batch(cells, work.batches, request, hooks, cancel_);
  if (!measured || !round.with_throughput || cancel_.requested()) return measured;
  return search::run_throughput(cells, work.batches, request, work.hooks, cancel_);
}

Result<void> OptimizeRun::choose(OptimizeReport& report) const {
  search::ChoiceRequest request{search_.policy(), {}, search_.finalists()};
  const auto registry = read_backends();
  if (!registry) return tl::unexpected(registry.error());
  for (const backend::Registered& entry : *registry) {
    if (entry.launch == backend::Launch::python) request.python_backends.insert(entry.descriptor.name);
  }
  std::set<std::int64_t> batches;
  for (const Cell& cell : report.results.cells) batches.insert(cell.batch);
  for (const std::int64_t batch : batches) {
    std::vector<const Cell*> cells;
    for (const Cell& cell : report.results.cells) {
      if (cell.batch == batch) cells.push_back(&cell);
    }
    for (ParetoPoint& point : search::pareto_front(cells)) report.pareto_front.push_back(std::move(point));
  }
  if (cancel_.requested()) {
    report.verdict = "the search was stopped before it was over, so there is no winner";
    return {};
  }
  search::Choice choice = search::choose(report.results.cells, request);
  report.winners = std::move(choice.winners);
  report.log.insert(report.log.end(), choice.steps.begin(), choice.steps.end());
  report.verdict = choice.why_none;
  for (const Winner& winner : report.winners) {
    if (!report.verdict.empty()) report.verdict += "; ";
    report.verdict += fmt::format("batch {}: {}, {}", winner.batch, winner.cell, winner.reason);
  }
  return {};
}

}  // namespace podium::api
