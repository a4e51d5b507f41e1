#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/bench_run.h"
#include "api/run_differences.h"
#include "api/workers.h"
#include "core/text.h"
#include "search/cell_key.h"
#include "search/disturbance.h"
#include "search/earlier_run.h"
#include "search/ranking.h"

/// The part of a run that takes up another: what its journal holds, and what of it still holds.
namespace podium::api {
namespace {

/// Before a warning of the run that was taken up.
constexpr std::string_view told_earlier = "earlier in this run: ";

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string counted_cells(std::size_t count) {
  return count == 1 ? "1 cell is" : fmt::format("{} cells are", count);
}

double throughput_seconds_of(const std::vector<const Cell*>& cells) {
  double sum = 0.0;
  for (const Cell* cell : cells) {
    for (const ThroughputBlock& block : cell->throughput_blocks) sum += 1e-9 * static_cast<double>(block.elapsed_ns);
  }
  return sum;
}

bool is_among(const std::vector<std::string>& warnings, std::string_view warning) {
  return std::find(warnings.begin(), warnings.end(), warning) != warnings.end();
}

/// Its version where it answers, else why it does not.
Result<std::string> probe(const backend::Registered& backend, const worker::WorkerLimits& limits, const CancelToken& cancel) {
  const auto command = worker_command(backend);
  if (!command) return tl::unexpected(command.error());
  const worker::InputMemory no_inputs = worker::InputMemory::empty();
  auto worker = worker::Worker::start(*command, limits, no_inputs, {}, cancel);
  if (!worker) return tl::unexpected(worker.error().error);
  const auto found = worker->probe();
  if (!found) return tl::unexpected(found.error().error);
  if (!found->available) return fail(ErrorCode::unavailable, found->reason, found->remedy);
  return found->version;
}

std::string told(const Difference& difference) {
  return fmt::format("{} is {} now, was {}", difference.what, difference.after, difference.before);
}

}  // namespace

Result<report::Journal> BenchRun::make_journal() {
  if (!request_.resume)
    return report::Journal::create(request_.json, request_.overwrite ? report::Overwrite::everything : report::Overwrite::what_has_ended);
  std::optional<report::EarlierRun> earlier;
  auto journal = report::Journal::resume(request_.json, earlier);
  if (journal && earlier) {
    earlier_ = std::move(earlier->results);
    earlier_seconds_ = std::move(earlier->seconds_of_blocks);
    for (const auto& [start_ns, seconds] : earlier_seconds_) earlier_s_ = std::max(earlier_s_, seconds);
    earlier_foreign_ = std::move(earlier->seen);
  }
  return journal;
}

Result<void> BenchRun::take_up_earlier_run() {
  if (auto checked = check_earlier_run(); !checked) return checked;
  take_over_warnings();
  probe_engines_again();
  if (cancel_.requested()) return fail(ErrorCode::cancelled, "the run was stopped before it had taken up the earlier one");
  if (auto judged = judge_earlier_cells(); !judged) return judged;
  count_earlier_times();
  recall_cells();
  return {};
}

/// What cells took that are not asked for any more is used, and of no batch size's share.
void BenchRun::count_earlier_times() {
  std::map<std::int64_t, std::vector<const Cell*>> named;
  std::map<std::int64_t, std::vector<const Cell*>> unnamed;
  for (const Cell& cell : earlier_->cells) (names(cell) ? named : unnamed)[cell.batch].push_back(&cell);
  for (const auto& [batch, cells] : named) {
    earlier_times_[batch] = {seconds_of(search::time_from_budget(cells)), throughput_seconds_of(cells)};
    measured_s_ += earlier_seconds_of(batch);
  }
  for (const auto& [batch, cells] : unnamed) measured_s_ += seconds_of(search::time_from_budget(cells)) + throughput_seconds_of(cells);
}

double BenchRun::earlier_seconds_of(std::int64_t batch) const {
  const auto known = earlier_times_.find(batch);
  return known == earlier_times_.end() ? 0.0 : known->second.latency_s + known->second.throughput_s;
}

/// A search finds out as it goes which cells it comes to.
bool BenchRun::names(const Cell& cell) const {
  if (measure_) return true;
  if (std::find(batches_.begin(), batches_.end(), cell.batch) == batches_.end()) return false;
  return std::any_of(candidates_.begin(), candidates_.end(),
                     [&](const search::Candidate& candidate) { return search::cell_id(candidate, cell.batch, device_.name()) == cell.id; });
}

/// With their figures, which no journal holds: until this run has come to them they stand in the results file.
void BenchRun::recall_cells() {
  recalled_ = earlier_->cells;
  std::map<std::int64_t, std::vector<Cell*>> by_batch;
  for (Cell& cell : recalled_) by_batch[cell.batch].push_back(&cell);
  for (auto& [batch, cells] : by_batch) {
    search::score_disturbed_blocks(cells);
    search::rank_cells(cells);
  }
  const auto unnamed =
      static_cast<std::size_t>(std::count_if(recalled_.begin(), recalled_.end(), [this](const Cell& cell) { return !names(cell); }));
  if (unnamed > 0)
    observer_.on_message(fmt::format("--resume: {} not asked for by this command, and kept as measured", counted_cells(unnamed)));
}

std::vector<Cell> BenchRun::left_over_cells(std::int64_t batch, const std::vector<search::LiveCell>& measured) const {
  std::vector<Cell> left_over;
  if (!earlier_ || measure_) return left_over;  // what a search does not come to is none of its results
  const auto any_measured = [&](const auto& is) {
    return std::any_of(measured.begin(), measured.end(), [&](const search::LiveCell& live) { return is(live.cell); });
  };
  const bool has_baseline = any_measured([](const Cell& cell) { return cell.is_baseline; });
  for (const Cell& cell : earlier_->cells) {
    if (cell.batch != batch || any_measured([&](const Cell& other) { return other.id == cell.id; })) continue;
    Cell& kept = left_over.emplace_back(cell);
    if (!kept.is_baseline || !has_baseline) continue;
    kept.is_baseline = false;
    kept.output_error.reason = "it was the baseline of the earlier run";
  }
  return left_over;
}

/// Blocks of another model or machine must not stand in one cell with this run's.
Result<void> BenchRun::check_earlier_run() const {
  std::vector<std::string> differences;
  const auto differs = [&](const char* what, const auto& before, const auto& now) {
    if (before != now) differences.emplace_back(what);
  };
  differs("the model", earlier_->model.sha256, results_.model.sha256);
  differs("the inputs", earlier_->data, results_.data);
  differs("the content of the inputs", earlier_->settings.data_sha256, results_.settings.data_sha256);
  differs("--metric", earlier_->settings.metric, results_.settings.metric);
  differs("--max-drop", earlier_->settings.max_drop, results_.settings.max_drop);
  differs("the calibration inputs", earlier_->settings.calibration_sha256, results_.settings.calibration_sha256);
  differs("--method", earlier_->settings.method, results_.settings.method);
  differs("--percentile", earlier_->settings.percentile, results_.settings.percentile);
  differs("--shape", earlier_->settings.shapes, results_.settings.shapes);
  differs("--device", earlier_->settings.device, results_.settings.device);
  // A file that is older than this setting was measured at the host's boundary.
  const std::string& boundary = earlier_->settings.timing_boundary;
  differs("--timing-boundary", boundary.empty() ? "host" : boundary, results_.settings.timing_boundary);
  differs("--threads", earlier_->settings.threads, results_.settings.threads);
  differs("the processor", earlier_->environment.cpu, results_.environment.cpu);
  differs("the number of usable CPUs", earlier_->environment.cores, results_.environment.cores);
  differs("Podium's version", earlier_->environment.podium_version, results_.environment.podium_version);
  differs("Podium's build type", earlier_->environment.build_type, results_.environment.build_type);
  if (differences.empty()) return {};
  return fail(ErrorCode::wrong_use,
              fmt::format("--resume: {} of the run in '{}' {} not this run's", join(differences, ", "), printable(request_.json.string()),
                          differences.size() == 1 ? "is" : "are"),
              "repeat that run's command with --resume, or begin anew with --overwrite in its place");
}

/// What the machine was like when the run began holds for the cells that were measured then.
void BenchRun::take_over_warnings() {
  auto& warnings = results_.environment.warnings;
  std::vector<std::string> all;
  for (const std::string& warning : earlier_->environment.warnings) {
    const bool is_marked = warning.starts_with(told_earlier);
    const std::string_view plain = std::string_view(warning).substr(is_marked ? told_earlier.size() : 0);
    const std::string marked = fmt::format("{}{}", told_earlier, plain);
    if (!is_among(warnings, plain) && !is_among(all, marked)) all.push_back(marked);
  }
  warnings.insert(warnings.begin(), all.begin(), all.end());
}

/// Cells that are done load no engine again, so that nobody else would see that it is another now.
void BenchRun::probe_engines_again() {
  auto& versions = results_.environment.versions;
  versions = earlier_->environment.versions;
  std::map<std::string, std::size_t> done;  // backend → cells that stand as they are
  for (const Cell& cell : earlier_->cells) done[cell.backend] += cell.status == CellStatus::ok ? 1 : 0;
  std::set<std::string> asked;
  for (const search::Candidate& candidate : candidates_) {
    const std::string& name = candidate.backend.descriptor.name;
    if (!done.contains(name) || cancel_.requested() || !asked.insert(name).second) continue;
    tell("probe", name, asked.size(), done.size());
    const auto version = probe(candidate.backend, {request_.load_timeout, request_.run_timeout, 0}, cancel_);
    if (version) {
      versions[name] = *version;
      continue;
    }
    silent_engines_.insert(name);
    if (done[name] == 0) continue;
    results_.environment.warnings.push_back(fmt::format("--resume: {} does not answer any more ({}), so {} left as measured with {}", name,
                                                        version.error().message, counted_cells(done[name]), version_then(name)));
  }
}

std::string BenchRun::version_then(const std::string& backend) const {
  const auto known = earlier_->environment.versions.find(backend);
  return known == earlier_->environment.versions.end() ? "a version that was not recorded" : printable(known->second);
}

/// Options that the user has not set are as the engine's backend has them now.
Cell BenchRun::present_cell(const Cell& earlier) const {
  Cell cell = search::identity_of(earlier);
  for (const search::Candidate& candidate : candidates_) {
    if (search::cell_id(candidate, earlier.batch, device_.name()) == earlier.id) cell.options = candidate.options;
  }
  cell.key = silent_engines_.contains(cell.backend) ? "" : search::cell_key(cell, results_.environment, results_.model, results_.settings);
  return cell;
}

/// Why a cell that was measured is another now.
std::string BenchRun::what_differs(const Cell& earlier, const Cell& present) const {
  std::vector<std::string> all;
  for (const Difference& difference : machine_differences(earlier_->environment, results_.environment)) all.push_back(told(difference));
  for (const Difference& difference : changed_defaults(earlier, present)) all.push_back(told(difference));
  const auto now = results_.environment.versions.find(earlier.backend);
  if (now != results_.environment.versions.end() && printable(now->second) != version_then(earlier.backend))
    all.push_back(told({earlier.backend, version_then(earlier.backend), printable(now->second)}));
  return all.empty() ? "the key of what was measured is another, though no fact that is recorded is" : join(all, ", ");
}

void BenchRun::tell_warning(std::string warning) {
  observer_.on_message(warning);
  results_.environment.warnings.push_back(std::move(warning));
}

/// Keeps what still holds, and tells the journal and the user of what does not.
Result<void> BenchRun::judge_earlier_cells() {
  const bool is_same_memory = !is_other_memory(earlier_->environment.memory_bytes, results_.environment.memory_bytes);
  std::map<std::string, std::size_t> begun_anew;  // why → cells
  std::map<std::string, std::size_t> left_out;    // likewise
  std::size_t tried_again = 0;
  std::set<std::string> gone;
  for (Cell& cell : earlier_->cells) {
    Cell present = present_cell(cell);
    const auto now = results_.environment.versions.find(cell.backend);
    const bool is_same_engine = now == results_.environment.versions.end() || printable(now->second) == version_then(cell.backend);
    const search::AuditPolicy policy{request_.allow_fallback, request_.allow_other_precision};
    const search::Fate fate = search::fate_of(cell, {present.key, is_same_memory, is_same_engine, policy});
    if (fate == search::Fate::stands || fate == search::Fate::goes_on) continue;
    const bool begins_anew = fate == search::Fate::begins_anew;
    if (!names(cell)) {
      // Its blocks stay in the journal: a command that names it finds the same difference again.
      if (!begins_anew) continue;
      ++left_out[what_differs(cell, present)];
      gone.insert(cell.id);
      continue;
    }
    if (begins_anew) {
      ++begun_anew[what_differs(cell, present)];
      gone.insert(cell.id);
    } else {
      ++tried_again;
      search::reopen(cell);
    }
    // Before the head, which has the new versions: a run that is killed between the two finds the same differences again.
    if (auto kept = begins_anew ? journal_->append_anew(present) : journal_->append_cell(cell); !kept) return kept;
  }
  std::erase_if(earlier_->cells, [&gone](const Cell& cell) { return gone.contains(cell.id); });
  for (const auto& [why, cells] : begun_anew) tell_warning(fmt::format("--resume: {}: {} measured again", why, counted_cells(cells)));
  for (const auto& [why, cells] : left_out) {
    tell_warning(fmt::format("--resume: {}: {} left out, since this command does not ask for {}", why, counted_cells(cells),
                             cells == 1 ? "it" : "them"));
  }
  if (tried_again > 0) observer_.on_message(fmt::format("--resume: {} tried again", counted_cells(tried_again)));
  return {};
}

double BenchRun::seconds_into_run(std::int64_t start_ns) const {
  if (const auto known = earlier_seconds_.find(start_ns); known != earlier_seconds_.end()) return known->second;
  return earlier_s_ + 1e-9 * static_cast<double>(start_ns - run_start_ns_);
}

}  // namespace podium::api
