#include "api/bench_run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/gpus.h"
#include "api/measuring_turn.h"
#include "api/python_samples.h"
#include "api/run_settings.h"
#include "api/take_in.h"
#include "api/workers.h"
#include "core/environment.h"
#include "core/text.h"
#include "machine/preflight.h"
#include "machine/priority.h"
#include "search/self_check.h"

namespace podium::api {
namespace {

/// Inputs that are enough to judge answers by.
constexpr std::size_t fewest_samples_to_judge = 16;
/// A folder for what workers print; kept beside the results where they are kept, else temporary.
Result<std::filesystem::path> make_log_folder(const std::filesystem::path& json) {
  std::error_code error;
  std::string folder = json.string() + ".logs";
  if (json.empty()) {
    // A name that nobody can foresee: in a folder that all may write, a known one could be a link of somebody else's.
    folder = (std::filesystem::temp_directory_path(error) / "podium-logs-XXXXXX").string();
    if (!error && ::mkdtemp(folder.data()) == nullptr) error = std::error_code(errno, std::generic_category());
  } else {
    std::filesystem::create_directories(folder, error);
  }
  if (error)
    return fail(ErrorCode::io, fmt::format("cannot make the folder '{}' for the workers' logs: {}", printable(folder), error.message()),
                json.empty() ? "set TMPDIR to a folder that can be written" : "choose a --json file in a folder that can be written");
  return std::filesystem::path(folder);
}

}  // namespace

Result<Results> BenchRun::run() {
  results_.command = request_.command;
  results_.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  results_.environment = read_environment();
  usable_ = usable_cpus();
  threads_ = request_.threads > 0 ? request_.threads : usable_;
  results_.settings = settings_of(request_);
  for (const auto step :
       {&BenchRun::check_journal, &BenchRun::choose_device, &BenchRun::choose_candidates, &BenchRun::check_data, &BenchRun::take_lock,
        &BenchRun::take_in_model, &BenchRun::read_data, &BenchRun::read_calibration, &BenchRun::check_machine, &BenchRun::open_journal}) {
    if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
  }
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (auto done = run_one_batch(batches_[i], batches_.size() - i); !done) return tl::unexpected(done.error());
  }
  if (measure_) recalled_.clear();
  while (!recalled_.empty()) conclude(recalled_.front().batch, {}, false);  // batch sizes that only the earlier run was asked for
  if (request_.self_check > 0) results_.self_check = search::check_copies(results_.cells, request_.self_check);
  results_.measured_s = measured_s_;
  results_.prepared_s = std::max(0.0, earlier_s_ + elapsed_s() - measured_s_);
  if (auto ended = end_journal(); !ended) return tl::unexpected(ended.error());
  if (request_.json.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(logs_, ignored);
  }
  return std::move(results_);
}

/// Which device, and what is timed on it.
Result<void> BenchRun::choose_device() {
  auto device = parse_device(request_.device);
  if (!device) return tl::unexpected(device.error());
  device_ = std::move(*device);
  boundary_ = request_.timing_boundary.value_or(usual_boundary(device_));
  results_.settings.device = device_.name();  // "cuda" and "cuda:0" are one device, and must make one cell
  results_.settings.timing_boundary = to_string(boundary_);
  if (!device_.is_cpu()) gpu_ = look_at_gpus(device_, results_.environment);
  if (!device_.is_cpu() || boundary_ == TimingBoundary::host) return {};
  return fail(ErrorCode::wrong_use,
              "--timing-boundary device: on the CPU, inputs and outputs lie in the caller's memory, so there is no other",
              "leave it out, or choose a GPU with --device cuda:0");
}

Result<void> BenchRun::choose_candidates() {
  if (auto checked = check_accuracy_flags(request_); !checked) return checked;
  const auto registry = read_backends();
  if (!registry) return tl::unexpected(registry.error());
  const std::vector<Precision> precisions = request_.precisions.empty() ? usual_precisions(device_) : request_.precisions;
  auto candidates = search::make_candidates(*registry, {request_.backends, precisions, request_.option_values, device_.kind});
  if (!candidates) return tl::unexpected(candidates.error());
  candidates_ = std::move(*candidates);
  if (const auto& only = request_.only_cells; !only.empty()) {
    std::erase_if(candidates_, [&](const search::Candidate& candidate) {
      return std::none_of(request_.batches.begin(), request_.batches.end(), [&](std::int64_t batch) {
        return std::find(only.begin(), only.end(), search::cell_id(candidate, batch, device_.name())) != only.end();
      });
    });
  }
  return {};
}

void BenchRun::copy_candidates() {
  std::vector<search::Candidate> copied;
  for (const search::Candidate& candidate : candidates_) {
    for (std::int64_t copy = 1; copy <= request_.self_check; ++copy) copied.emplace_back(candidate).copy = copy;
  }
  candidates_ = std::move(copied);
}

Result<void> BenchRun::check_data() {
  for (const std::filesystem::path& path : {request_.data, request_.calibration}) {
    if (auto there = check_samples_are_there(path); !there) return there;
  }
  if (request_.preprocess.empty()) return {};
  return data::read_preprocessing(request_.preprocess).map([](const data::Preprocessing&) {});
}

Result<void> BenchRun::take_in_model() {
  auto cache = cache::Cache::open();
  if (!cache) return tl::unexpected(cache.error());
  cache_.emplace(std::move(*cache));
  tell("import", request_.model, 0, 0);
  auto model = take_in(request_.model, request_.weights, request_.shapes, *cache_, cancel_,
                       [this](const std::string& what) { tell("import", what, 0, 0); });
  if (!model) return tl::unexpected(model.error());
  model_.emplace(std::move(*model));
  for (const std::string& notice : model_->notices()) observer_.on_message(notice);
  results_.model = model_->facts();
  if (auto same = check_same_model(request_, results_.model); !same) return same;
  auto inputs = search::concrete_inputs(model_->facts(), request_.shapes);
  if (!inputs) return tl::unexpected(inputs.error());
  inputs_ = std::move(*inputs);
  batches_ = request_.batches.empty() ? std::vector{inputs_.fixed_batch.value_or(1)} : request_.batches;
  std::set<std::int64_t> seen;
  std::erase_if(batches_, [&](std::int64_t batch) { return !seen.insert(batch).second; });
  if (auto ensured = ensure_baseline(); !ensured) return ensured;
  if (request_.self_check > 0) copy_candidates();
  return {};
}

Result<void> BenchRun::ensure_baseline() {
  const std::string& origin = model_->facts().origin;
  if (!search::baseline_order(candidates_, origin).empty()) return {};
  const auto registry = read_backends();
  if (!registry) return tl::unexpected(registry.error());
  const auto fp32 = search::make_candidates(*registry, {request_.backends, {Precision::fp32}, {}, device_.kind});
  if (!fp32) return tl::unexpected(fp32.error());
  for (const std::size_t index : search::baseline_order(*fp32, origin)) {
    const search::Candidate& candidate = (*fp32)[index];
    if (!worker_command(candidate.backend)) continue;
    observer_.on_message(candidate.backend.descriptor.name + " at fp32 is measured too: answers are judged against it");
    candidates_.insert(candidates_.begin(), candidate);
    break;
  }
  return {};
}

Result<void> BenchRun::read_data() {
  const std::vector<data::WantedInput> wanted = search::wanted_inputs(inputs_);
  const std::string subject = request_.data.empty() ? "generated inputs" : request_.data.string();
  tell("data", subject, 0, 0);
  auto options = read_options(request_, results_.model);
  if (!options) return tl::unexpected(options.error());
  if (!is_preprocessed(request_.data, request_.calibration)) options->preprocessing.reset();
  options->on_progress = [&](std::size_t done, std::size_t total) {
    tell("data", subject, done, total);
    return !cancel_.requested();
  };
  auto samples = request_.data.empty() ? data::generate_inputs(wanted, fewest_samples_to_judge, request_.seed)
                                       : read_samples(request_.data, wanted, *options, cancel_);
  if (!samples) return tl::unexpected(samples.error());
  samples_ = std::move(*samples);
  if (auto shared = share_data(); !shared) return shared;
  auto accuracy = ask_accuracy(request_, results_.model, samples_, cancel_);
  if (!accuracy) return tl::unexpected(accuracy.error());
  accuracy_ = std::move(*accuracy);
  results_.data = samples_.description;
  results_.settings.data_sha256 = sha256_of_inputs(samples_);
  if (auto same = check_same_data(request_, results_.settings.data_sha256); !same) return same;
  if (!samples_.real) {
    results_.environment.warnings.push_back(
        "inputs were generated, not real: speed is right, but agreement of answers on real data is not shown; give --data");
  } else if (samples_.samples.size() < fewest_samples_to_judge) {
    results_.environment.warnings.push_back(fmt::format("{} inputs are few to judge answers by; give at least {} with --data",
                                                        samples_.samples.size(), fewest_samples_to_judge));
  }
  return {};
}

Result<void> BenchRun::take_lock() {
  if (!is_at_hand(request_.model)) return take_in_model();  // what is wrong with it is told without waiting
  auto lock = take_turn(device_, request_.command, request_.no_wait, observer_, cancel_);
  if (!lock) return tl::unexpected(lock.error());
  lock_.emplace(std::move(*lock));
  return {};
}

Result<void> BenchRun::check_machine() {
  tell("preflight", "looking at the machine", 0, 0);
  const std::filesystem::path root = machine_root();
  machine::PreflightReport report = machine::preflight(root, {threads_, machine::PreflightRequest{}.look, gpu_});
  results_.environment.preflight = std::move(report.facts);
  if (!request_.high_priority) results_.environment.preflight["priority"] = "workers beside other programs, as asked";
  if (root == "/") pinning_ = machine::pin_plan(machine::read_usable_cpus(), threads_);
  others_ = LoadOfOthers(pinning_.worker, request_.high_priority && machine::can_go_before_others());
  std::vector<std::string> bad;
  std::vector<std::string> remedies;
  for (const machine::Finding& finding : report.findings) {
    results_.environment.warnings.push_back(machine::to_warning(finding));
    if (finding.severity != machine::Severity::bad) continue;
    bad.push_back(finding.sentence);
    remedies.push_back(finding.remedy);
  }
  if (!request_.strict || bad.empty()) return {};
  return fail(ErrorCode::check_failed, fmt::format("--strict: this machine is not fit to measure on: {}", join(bad, "; ")),
              fmt::format("{}; or leave out --strict", join(remedies, "; ")));
}

Result<void> BenchRun::check_journal() {
  if (request_.json.empty() || request_.resume || request_.overwrite) return {};
  return report::check_not_interrupted(request_.json);
}

Result<void> BenchRun::open_journal() {
  auto logs = make_log_folder(request_.json);
  if (!logs) return tl::unexpected(logs.error());
  logs_ = std::move(*logs);
  if (request_.json.empty()) return {};
  auto journal = make_journal();
  if (!journal) return tl::unexpected(journal.error());
  journal_.emplace(std::move(*journal));
  if (request_.resume && !earlier_)
    observer_.on_message("--resume: there is no earlier run to take up, so this one starts at the beginning");
  if (earlier_) {
    if (auto taken_up = take_up_earlier_run(); !taken_up) return taken_up;
  }
  head_warnings_ = results_.environment.warnings.size();
  if (auto kept = append_head(); !kept) return kept;
  // What an earlier run left in the results file must not stand beside this run's journal, unless it was taken up.
  return write_results();
}

Result<void> BenchRun::write_results() {
  if (!journal_) return {};
  if (recalled_.empty()) return journal_->write_results(results_);
  Results all = results_;
  all.cells.insert(all.cells.end(), recalled_.begin(), recalled_.end());
  return journal_->write_results(all);
}

/// A run has ended when nothing of it is left to measure, cells included that were begun under another command.
Result<void> BenchRun::end_journal() {
  if (!journal_) return {};
  if (auto written = write_results(); !written) return written;
  const bool is_unfinished = std::any_of(results_.cells.begin(), results_.cells.end(),
                                         [](const Cell& cell) { return cell.status == CellStatus::partial && !cell.blocks.empty(); });
  return cancel_.requested() || is_unfinished ? Result<void>{} : journal_->append_end();
}

void BenchRun::tell(const std::string& stage, const std::string& subject, std::size_t done, std::size_t total) {
  observer_.on_progress({stage, subject, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total),
                         std::chrono::duration<double>(elapsed_s()), std::chrono::duration<double>(-1)});
}

double BenchRun::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace podium::api
