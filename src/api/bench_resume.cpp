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
#include "search/earlier_run.h"

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
  for (const Cell& cell : earlier_->cells) earlier_times_[cell.batch];
  for (auto& [batch, times] : earlier_times_) {
    std::vector<const Cell*> cells;
    for (const Cell& cell : earlier_->cells) {
      if (cell.batch != batch) continue;
      cells.push_back(&cell);
      for (const ThroughputBlock& block : cell.throughput_blocks) times.throughput_s += 1e-9 * static_cast<double>(block.elapsed_ns);
    }
    times.latency_s = seconds_of(search::time_from_budget(cells));
    measured_s_ += times.latency_s + times.throughput_s;
  }
  return {};
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

/// Keeps what still holds, and tells the journal and the user of what does not.
Result<void> BenchRun::judge_earlier_cells() {
  const bool is_same_memory = !is_other_memory(earlier_->environment.memory_bytes, results_.environment.memory_bytes);
  std::map<std::string, std::size_t> begun_anew;  // why → cells
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
  for (const auto& [why, cells] : begun_anew) {
    std::string warning = fmt::format("--resume: {}: {} measured again", why, counted_cells(cells));
    observer_.on_message(warning);
    results_.environment.warnings.push_back(std::move(warning));
  }
  if (tried_again > 0) observer_.on_message(fmt::format("--resume: {} tried again", counted_cells(tried_again)));
  return {};
}

double BenchRun::seconds_into_run(std::int64_t start_ns) const {
  if (const auto known = earlier_seconds_.find(start_ns); known != earlier_seconds_.end()) return known->second;
  return earlier_s_ + 1e-9 * static_cast<double>(start_ns - run_start_ns_);
}

}  // namespace podium::api
