#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/bench_run.h"
#include "api/workers.h"
#include "core/environment.h"
#include "core/text.h"
#include "machine/evidence.h"
#include "measure/device_clock.h"
#include "measure/rounds.h"
#include "measure/statistics.h"
#include "search/cell_key.h"
#include "search/cell_median.h"
#include "search/disturbance.h"
#include "search/earlier_run.h"
#include "search/ranking.h"
#include "search/throughput_run.h"

/// The part of a run that goes round batch sizes: who is measured, how, and what is kept of it.
namespace podium::api {
namespace {

constexpr std::chrono::milliseconds standing_interval{250};
constexpr double share_of_free_memory = 0.8;
constexpr double share_for_throughput = 0.2;  ///< of a budget for both modes

std::int64_t memory_budget() {
  return static_cast<std::int64_t>(share_of_free_memory * static_cast<double>(available_memory_bytes()));
}

std::string refusal_of(const backend::Descriptor& descriptor, Precision precision) {
  const auto reason = descriptor.refusals.find(precision);
  const std::string refusal = fmt::format("{} does not compute in {} here", descriptor.engine, to_string(precision));
  return reason == descriptor.refusals.end() ? refusal : fmt::format("{}: {}", refusal, reason->second);
}

/// On a machine that is never quiet all blocks may have been set aside. In the end they will have to count (search/disturbance.h), so they
/// tell how a cell stands.
std::optional<measure::MedianSoFar> median_of_what_there_is(const std::vector<Block>& blocks) {
  if (const auto median = measure::median_so_far(blocks)) return median;
  return measure::median_so_far(search::all_scored(blocks));
}

/// Blocks with evidence that are scored all the same: nearly every launch had some.
bool was_busy(const Cell& cell) {
  return std::any_of(cell.throughput_blocks.begin(), cell.throughput_blocks.end(),
                     [](const ThroughputBlock& block) { return !block.set_aside && !block.evidence.empty(); });
}

}  // namespace

std::vector<search::LiveCell> BenchRun::make_cells(const std::vector<search::Candidate>& candidates, std::int64_t batch) const {
  std::vector<search::LiveCell> cells;
  for (const search::Candidate& candidate : candidates) {
    const backend::Descriptor& descriptor = candidate.backend.descriptor;
    search::LiveCell cell = search::new_cell(candidate, batch, device_.name(), boundary_);
    cell.cell.missing["accuracy"] = accuracy_.question ? "the cell's answers were not judged" : accuracy_.why_not;
    if (earlier_) {
      const auto known = std::find_if(earlier_->cells.begin(), earlier_->cells.end(), [&](const Cell& c) { return c.id == cell.cell.id; });
      if (known != earlier_->cells.end()) cell.cell = *known;
      if (!cell.is_open()) {
        cells.push_back(std::move(cell));
        continue;
      }
      cell.cell.reason.clear();
    }
    if (auto command = worker_command(candidate.backend); !command) {
      cell.end(command.error());
    } else if (const auto& known = descriptor.precisions; std::find(known.begin(), known.end(), candidate.precision) == known.end()) {
      cell.end(Error{ErrorCode::unsupported, refusal_of(descriptor, candidate.precision), {}});
    } else if (no_calibration_ && needs_calibration(candidate)) {
      cell.end(*no_calibration_);
    } else if (const auto& kinds = descriptor.device_kinds; std::find(kinds.begin(), kinds.end(), device_.kind) == kinds.end()) {
      cell.end(Error{
          ErrorCode::unsupported, fmt::format("{} runs on {}, not on {}", descriptor.engine, join(kinds, " and "), device_.name()), {}});
    } else if (const std::string refusal = inputs_.batch_refusal(batch); !refusal.empty()) {
      cell.end(Error{ErrorCode::unsupported, refusal,
                     fmt::format("use --batch {}, or export the model with a free batch axis", *inputs_.fixed_batch)});
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

Result<void> BenchRun::run_one_batch(std::int64_t batch, std::size_t batches_left) {
  supervisor_pinned_.release();  // whoever watches the workers' CPUs looks for them among those that we may use
  std::vector<search::LiveCell> cells = make_cells(candidates_, batch);
  recall_foreign(batch);
  for (const search::LiveCell& cell : cells) {
    if (cell.is_open()) continue;
    if (journal_) {
      if (auto kept = journal_->append_cell(cell.cell); !kept) return kept;
    }
    observer_.on_cell(cell.cell);
  }
  Result<void> outcome;
  const bool any_open = std::any_of(cells.begin(), cells.end(), [](const search::LiveCell& cell) { return cell.is_open(); });
  const bool lacks_throughput =
      request_.mode == Mode::both && (any_open || std::any_of(cells.begin(), cells.end(), [](const search::LiveCell& cell) {
                                        return cell.cell.status == CellStatus::ok && !cell.cell.throughput;
                                      }));
  if (any_open || lacks_throughput || measure_) {
    auto batches = search::make_batches(samples_, inputs_, batch);
    if (!batches) return tl::unexpected(batches.error());
    const search::BatchRunRequest request = batch_request(batch, batches_left);
    if (measure_) {
      outcome = measure_({cells, *batches, request, hooks(batch, batches_left, measured_s_), cancel_, batches_left,
                          [&](const std::vector<search::Candidate>& more) { return make_cells(more, batch); }, earlier_s_,
                          [&, loads = kept_loads()](const search::Candidate& candidate) {
                            return loads.last_seconds(candidate, search::input_specs(batches->memory));
                          }});
    } else if (any_open) {
      // It counts the blocks that an earlier run has of its cells.
      const double others_s = measured_s_ - earlier_times_[batch].latency_s;
      outcome = search::run_batch(cells, *batches, request, hooks(batch, batches_left, others_s), cancel_);
    }
    supervisor_pinned_.release();
    if (outcome && lacks_throughput)
      outcome = search::run_throughput(cells, *batches, request, hooks(batch, batches_left, measured_s_), cancel_);
  }
  conclude(batch, std::move(cells), cancel_.requested() || !outcome);
  return outcome ? write_results() : outcome;
}

void BenchRun::conclude(std::int64_t batch, std::vector<search::LiveCell> cells, bool was_stopped) {
  const bool is_asked_for = !cells.empty();
  std::vector<Cell> left_over = left_over_cells(batch, cells);
  if (!is_asked_for) recall_foreign(batch);
  std::vector<Cell*> ranked;
  std::vector<Cell*> unfinished;
  for (search::LiveCell& cell : cells) {
    if (!cell.engine_version.empty()) results_.environment.versions[cell.cell.backend] = cell.engine_version;
    ranked.push_back(&cell.cell);
  }
  // One that is neither done nor asked for any more keeps no other from its rank.
  for (Cell& cell : left_over) (is_asked_for && cell.status == CellStatus::partial ? unfinished : ranked).push_back(&cell);
  tell_disturbances(ranked, batch);
  search::rank_cells(ranked, was_stopped);
  search::rank_cells(unfinished);
  for (search::LiveCell& cell : cells) results_.cells.push_back(std::move(cell.cell));
  for (Cell& cell : left_over) results_.cells.push_back(std::move(cell));
  std::erase_if(recalled_, [batch](const Cell& cell) { return cell.batch == batch; });
}

void BenchRun::tell_disturbances(std::vector<Cell*>& cells, std::int64_t batch) {
  std::vector<machine::TimedLoad> loads;
  for (const Cell* cell : cells) {
    for (const Block& block : cell->blocks) loads.push_back(machine::timed_load(block, seconds_into_run(block.start_ns)));
    for (const ThroughputBlock& block : cell->throughput_blocks)
      loads.push_back(machine::timed_load(block, seconds_into_run(block.start_ns)));
  }
  auto& warnings = results_.environment.warnings;
  for (std::string& warning : others_.warnings(loads)) warnings.push_back(std::move(warning));
  if (search::score_disturbed_blocks(cells)) {
    warnings.push_back(
        fmt::format("batch {}: too few blocks were undisturbed, so the disturbed ones are scored as well; the ranking is that of a "
                    "busy machine; close what else runs and measure again",
                    batch));
  }
  if (std::any_of(cells.begin(), cells.end(), [](const Cell* cell) { return was_busy(*cell); })) {
    warnings.push_back(
        fmt::format("batch {}: with several requests in flight nearly every launch of a cell was disturbed, so its throughput is that of a "
                    "busy machine; close what else runs and measure again",
                    batch));
  }
  for (const Cell* cell : cells) {
    if (const auto told = cell->device_clock ? measure::disagreement(*cell->device_clock) : std::nullopt)
      warnings.push_back(fmt::format("{}: {}", cell->id, *told));
  }
  others_.forget();
}

/// Kept in the journal too: a warning names who disturbed a run, also when another takes it up.
void BenchRun::note_foreign(const std::vector<machine::BusyProcess>& scan, std::int64_t batch) {
  others_.add_disturbing(scan);
  if (!journal_) return;
  report::SeenScan seen{batch, {}};
  for (const machine::BusyProcess& process : scan) seen.processes.push_back({process.pid, process.name, process.cpus});
  // A journal that cannot be written ends the run at the next block.
  static_cast<void>(journal_->append_seen(seen));
}

/// The journal's first line knows no version yet, and a run that takes it up loads no engine whose cells are done.
void BenchRun::note_version(const std::string& backend, const std::string& version) {
  std::string& known = results_.environment.versions[backend];
  if (std::exchange(known, version) == version || !journal_) return;
  // A journal that cannot be written ends the run at the next block.
  static_cast<void>(append_head());
}

/// Without the warnings of batch sizes that are done: they are made from their blocks, by a run that takes this one up too.
Result<void> BenchRun::append_head() {
  auto& warnings = results_.environment.warnings;
  const std::vector<std::string> of_batches(warnings.begin() + static_cast<std::ptrdiff_t>(head_warnings_), warnings.end());
  warnings.resize(head_warnings_);
  auto kept = journal_->append_head(results_);
  warnings.insert(warnings.end(), of_batches.begin(), of_batches.end());
  return kept;
}

void BenchRun::recall_foreign(std::int64_t batch) {
  for (const report::SeenScan& seen : earlier_foreign_) {
    if (seen.batch != batch) continue;
    std::vector<machine::BusyProcess> scan;
    for (const report::SeenProcess& process : seen.processes) scan.push_back({static_cast<pid_t>(process.pid), process.name, process.cpus});
    others_.add_disturbing(scan);
  }
}

search::BatchRunRequest BenchRun::batch_request(std::int64_t batch, std::size_t batches_left) const {
  search::BatchRunRequest request;
  request.baseline_order = search::baseline_order(candidates_, model_->facts().origin);
  request.threads = threads_;
  if (request_.budget.count() > 0) {
    search::SpentOfBudget spent{measured_s_, earlier_seconds_of(batch), 0.0};
    for (std::size_t i = batches_.size() - batches_left + 1; i < batches_.size(); ++i) spent.later_s += earlier_seconds_of(batches_[i]);
    request.budget = std::chrono::duration<double>(search::share_of_budget(request_.budget.count(), spent, batches_left));
  }
  if (request_.budget.count() > 0) request.budget = std::max(request.budget, std::chrono::duration<double>(0.001));
  if (request_.budget.count() > 0 && request_.mode == Mode::both) {
    const auto for_throughput = share_for_throughput * request.budget;
    request.throughput_budget = std::min(request.throughput_budget, for_throughput / static_cast<double>(candidates_.size()));
    request.budget -= for_throughput;
  }
  if (accuracy_.question) request.question = &*accuracy_.question;
  request.audit = {request_.allow_fallback, request_.allow_other_precision};
  request.gpu = gpu_;
  request.cpus = pinning_.worker;
  request.memory_for_all = memory_budget();
  request.limits = {request_.load_timeout, request_.run_timeout,
                    request_.memory_limit_bytes > 0 ? request_.memory_limit_bytes : memory_budget()};
  request.seed = request_.seed;
  request.launches = request_.launches;
  request.rebuilds = request_.rebuilds;
  request.stopping.interval_target = request_.interval_target;
  request.warm_up.shortest = std::chrono::duration_cast<std::chrono::nanoseconds>(request_.warm_up);
  request.warm_up.longest = std::max(request.warm_up.longest, 10 * request.warm_up.shortest);
  request.logs = logs_;
  return request;
}

void BenchRun::tell_standing(const Cell& cell) {
  const auto now = std::chrono::steady_clock::now();
  auto& told = standings_told_[cell.id];
  if (now - told < standing_interval) return;
  told = now;
  const auto median = median_of_what_there_is(cell.blocks);
  if (!median) return;
  observer_.on_standing({cell.id, cell.batch, median->value, median->ci95, measure::count_launches(cell.blocks).all});
}

search::BatchRunHooks BenchRun::hooks(std::int64_t batch, std::size_t batches_left, double measured_before_s) {
  search::BatchRunHooks hooks;
  hooks.prepare = [this, batch](const search::Candidate& candidate, const std::vector<backend::InputSpec>& specs, std::int64_t build) {
    return prepare(candidate, specs, search::cell_id(candidate, batch, device_.name()), build);
  };
  hooks.command = [this](const search::Candidate& candidate) {
    worker::WorkerCommand command = worker_command(candidate.backend).value_or(worker::WorkerCommand{});
    command.cpus = pinning_.worker;
    command.high_priority = request_.high_priority;
    if (!device_.is_cpu()) command.environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";  // as the driver's library numbers them
    return command;
  };
  hooks.on_stage = [this](const std::string& stage, const std::string& subject, std::size_t done, std::size_t total) {
    tell(stage, subject, done, total);
  };
  hooks.on_measure = [this, batches_left, measured_before_s](double elapsed, double budget, const std::string& subject) {
    // Pinned the best that can be: a supervisor among the workers costs little, a run that ends for it costs all.
    static_cast<void>(supervisor_pinned_.apply(pinning_.supervisor));
    measured_s_ = measured_before_s + elapsed;
    Progress progress{"measure", subject, static_cast<std::int64_t>(elapsed * 10.0), static_cast<std::int64_t>(budget * 10.0), {}, {}};
    progress.elapsed = std::chrono::duration<double>(elapsed_s());
    // The other batch sizes will take about as long as this one.
    const double others = budget * static_cast<double>(batches_left - 1);
    progress.remaining = std::chrono::duration<double>(std::max(0.0, budget - elapsed) + others);
    observer_.on_progress(progress);
  };
  hooks.on_message = [this](const std::string& message) { observer_.on_message(message); };
  hooks.key = [this](const search::LiveCell& cell) {
    note_version(cell.cell.backend, cell.engine_version);
    return search::cell_key(cell.cell, results_.environment, results_.model, results_.settings);
  };
  hooks.on_foreign_load = [this, batch](const std::vector<machine::BusyProcess>& scan) { note_foreign(scan, batch); };
  // Not kept in the journal: of a run that takes this one up, what it sees itself counts, since such a load disturbed nothing.
  hooks.on_load_beside = [this](const std::vector<machine::BusyProcess>& scan) { others_.add_beside(scan, elapsed_s()); };
  hooks.on_cell = [this](const Cell& cell) -> Result<void> {
    if (cell.status != CellStatus::partial) observer_.on_cell(cell);
    return journal_ ? journal_->append_cell(cell) : Result<void>{};
  };
  hooks.on_loaded = [this](const search::LiveCell& cell, const search::PreparedModel& model, const std::vector<backend::InputSpec>& inputs,
                           double seconds) {
    if (made_files_.contains(cell.cell.id)) return;  // an artefact's own engine lies in the artefact, where no search looks
    kept_loads().remember(cell.candidate, inputs, model, seconds);
  };
  hooks.on_standing = [this](const Cell& cell) { tell_standing(cell); };
  hooks.on_block = [this](const std::string& id, const Block& block) {
    return journal_ ? journal_->append_block(id, block, seconds_into_run(block.start_ns)) : Result<void>{};
  };
  hooks.on_throughput_block = [this](const std::string& id, const ThroughputBlock& block) {
    return journal_ ? journal_->append_block(id, block, seconds_into_run(block.start_ns)) : Result<void>{};
  };
  return hooks;
}

KeptLoads BenchRun::kept_loads() const {
  return {*cache_, {results_.model.sha256, device_.name(), threads_, results_.environment}};
}

Result<search::PreparedModel> BenchRun::prepare(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs,
                                                const std::string& subject, std::int64_t build) {
  supervisor_pinned_.release();
  import::VariantRequest request;
  request.format = candidate.backend.descriptor.model_format;
  request.precision = candidate.precision;
  request.inputs = inputs;
  request.options = candidate.options;
  request.threads = threads_;
  request.build = build;
  auto variant = this->variant(candidate, request, subject);
  if (!variant) return tl::unexpected(variant.error());
  const bool is_compiled = variant->build_s.has_value() && candidate.backend.descriptor.model_format == "aoti";
  search::PreparedModel prepared{variant->path, variant->sha256, variant->bytes, variant->build_s, variant->cached, is_compiled, {}};
  held_variants_.push_back(std::move(*variant));
  if (const auto made = made_files_.find(subject); made != made_files_.end() && !made->second.compiled.empty()) {
    prepared.cache = made->second.compiled;
    return prepared;
  }
  // One folder for all cells of a model and an engine: compilers tell shapes, precisions and options apart themselves, and share the rest.
  std::vector<std::string> owner{prepared.sha256, candidate.backend.descriptor.name};
  if (build > 0) owner.push_back(fmt::format("build {}", build));
  auto folder = cache_->working_folder("engine", owner);
  if (!folder) return tl::unexpected(folder.error());
  prepared.cache = folder->folder();
  held_folders_.push_back(std::move(*folder));
  return prepared;
}

}  // namespace podium::api
