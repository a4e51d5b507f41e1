#include "podium/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/gpus.h"
#include "api/measuring_turn.h"
#include "api/one_clock.h"
#include "api/run_differences.h"
#include "api/verify_worker.h"
#include "api/workers.h"
#include "artifact/opened.h"
#include "core/environment.h"
#include "core/name_table.h"
#include "core/text.h"
#include "measure/two_runs.h"
#include "podium/report.h"

namespace podium {
namespace {

constexpr std::pair<CheckOutcome, std::string_view> outcome_names[] = {
    {CheckOutcome::passed, "passed"},
    {CheckOutcome::failed, "failed"},
    {CheckOutcome::not_judged, "not judged"},
};

/// The checks of one artefact, in order.
class Verifier {
 public:
  Verifier(const VerifyRequest& request, BenchObserver& observer, const CancelToken& cancel)
      : request_(request), observer_(observer), cancel_(cancel) {}
  Verification run();

 private:
  struct Checked {
    const ArtifactVariant* variant = nullptr;
    backend::Registered backend;
    search::Batches batches;
    api::WorkerCheck found;
  };
  bool check_files();
  bool check_engine();
  bool check_answers_of(const ArtifactVariant& variant, const std::vector<backend::Registered>& registry);
  void tell_version(const Checked& checked);
  void check_outputs();
  void check_speed();
  VerifyStep speed_of(const Checked& checked, const Results& evidence);
  void stop_where_cancelled() const;

  VerifyStep& add(const std::string& name, bool passed, std::string finding, std::string remedy = {}) {
    return steps_.emplace_back(
        VerifyStep{name, passed ? CheckOutcome::passed : CheckOutcome::failed, std::move(finding), passed ? "" : std::move(remedy)});
  }
  bool refuse(const std::string& name, const Error& error) {
    add(name, false, error.message, error.remedy);
    return false;
  }

  const VerifyRequest& request_;
  BenchObserver& observer_;
  const CancelToken& cancel_;
  std::optional<artifact::Opened> artifact_;
  std::optional<machine::MeasuringLock> turn_;
  std::vector<Checked> checked_;
  std::vector<VerifyStep> steps_;
  Environment environment_ = read_environment();
};

Verification Verifier::run() {
  if (!check_files() || !check_engine()) return {std::move(steps_), std::move(environment_)};
  check_outputs();
  if (request_.speed) check_speed();
  return {std::move(steps_), std::move(environment_)};
}

void Verifier::stop_where_cancelled() const {
  if (cancel_.requested()) throw Exception({ErrorCode::cancelled, "stopped before the artefact was verified", "let it run to its end"});
}

bool Verifier::check_files() {
  observer_.on_progress({"check", "files", 0, 0, {}, std::chrono::duration<double>(-1)});
  auto opened = artifact::open(request_.artifact, true);
  if (!opened) return refuse("files", opened.error());
  artifact_.emplace(std::move(*opened));
  std::int64_t bytes = 0;
  for (const auto& [path, file] : artifact_->manifest.files) bytes += file.bytes;
  add("files", true,
      fmt::format("{} files of {} are as they were written", artifact_->manifest.files.size(), human_bytes(static_cast<double>(bytes))));
  return true;
}

/// Here with the recorded version; another may answer and run otherwise.
bool Verifier::check_engine() {
  const Manifest& manifest = artifact_->manifest;
  const auto registry = api::read_backends();
  if (!registry) return refuse("engine", registry.error());
  const Device device = value_or_throw(parse_device(manifest.variants.front().device));
  (void)api::look_at_gpus(device, environment_);  // as a measurement does, so that the same machine is told to be the same
  // Before the engine answers: that would disturb what another run measures.
  turn_ = value_or_throw(api::take_turn(device, {"podium", "verify", request_.artifact.string()}, request_.no_wait, observer_, cancel_));
  for (const ArtifactVariant& variant : manifest.variants) {
    stop_where_cancelled();
    if (!check_answers_of(variant, *registry)) return false;
  }
  std::set<std::string> told;
  for (const Checked& checked : checked_) {
    if (told.insert(checked.variant->backend).second) tell_version(checked);
  }
  return true;
}

bool Verifier::check_answers_of(const ArtifactVariant& variant, const std::vector<backend::Registered>& registry) {
  const std::string install = join(artifact_->manifest.install, "; ");
  const auto entry = std::find_if(registry.begin(), registry.end(), [&](const auto& it) { return it.descriptor.name == variant.backend; });
  if (entry == registry.end())
    return refuse("engine", {ErrorCode::unavailable, fmt::format("{} is not part of this Podium", printable(variant.engine)), install});
  auto batches = api::recorded_batches(*artifact_, variant);
  if (!batches) return refuse("engine", batches.error());
  auto found = api::check_answers(*artifact_, variant, *entry, *batches, cancel_);
  stop_where_cancelled();
  if (!found) {
    Error error = found.error();
    if (error.remedy.empty()) error.remedy = install;
    return refuse("engine", error);
  }
  checked_.push_back({&variant, *entry, std::move(*batches), std::move(*found)});
  return true;
}

void Verifier::tell_version(const Checked& checked) {
  const ArtifactVariant& variant = *checked.variant;
  const std::string& version = checked.found.engine_version;
  if (version == variant.engine_version) {
    add("engine", true, fmt::format("{} {} is here", printable(variant.engine), printable(version)));
    return;
  }
  add("engine", false,
      fmt::format("{} {} is here, {} was measured", printable(variant.engine), printable(version), printable(variant.engine_version)),
      fmt::format("install {} {}, or measure and pack again with this one", printable(variant.engine), printable(variant.engine_version)));
}

void Verifier::check_outputs() {
  for (const Checked& checked : checked_) {
    const api::AnswerCheck& answers = checked.found.answers;
    const std::string figures =
        answers.difference.empty()
            ? fmt::format("{} recorded answers, off by at most {:.2g} of their size where {} may be off by {:.2g}", answers.calls,
                          answers.largest_error, to_string(checked.variant->precision), answers.tolerance)
            : answers.difference;
    add("outputs", answers.agrees(), fmt::format("{}: {}", printable(checked.variant->cell), figures),
        "measure and pack again here: this engine does not compute the same on this machine");
  }
}

void Verifier::check_speed() {
  const Manifest& manifest = artifact_->manifest;
  if (manifest.evidence.empty()) {
    steps_.push_back({"speed", CheckOutcome::not_judged, "no measurement is kept in the artefact", ""});
    return;
  }
  std::map<std::string, Results> evidence;  // path → the measurement that it holds
  for (const Checked& checked : checked_) {
    stop_where_cancelled();
    const std::string& path = checked.variant->evidence.empty() ? manifest.evidence : checked.variant->evidence;
    if (!evidence.contains(path)) evidence.emplace(path, read_results(artifact_->folder / path));
    steps_.push_back(speed_of(checked, evidence.at(path)));
  }
}

VerifyStep Verifier::speed_of(const Checked& checked, const Results& evidence) {
  const std::string name = printable(checked.variant->cell);
  const auto recorded =
      std::find_if(evidence.cells.begin(), evidence.cells.end(), [&](const Cell& it) { return it.id == checked.variant->cell; });
  if (recorded == evidence.cells.end()) return {"speed", CheckOutcome::not_judged, name + ": its measurement is not in the evidence", ""};
  const TimingBoundary boundary = parse_timing_boundary(recorded->timing_boundary).value_or(TimingBoundary::host);
  const auto now =
      api::measure_variant(*artifact_, *checked.variant, checked.backend, checked.batches, boundary, request_.budget, observer_, cancel_);
  stop_where_cancelled();
  if (!now) return {"speed", CheckOutcome::failed, fmt::format("{}: {}", name, now.error().message), now.error().remedy};
  const Cell& cell = now->cell;
  if (cell.status != CellStatus::ok) return {"speed", CheckOutcome::failed, fmt::format("{}: {}", name, cell.reason), cell.remedy};
  const measure::RoundValues before = measure::log_medians(recorded->blocks);
  const measure::RoundValues after = measure::log_medians(cell.blocks);
  const auto change = measure::change_between(std::span(&before, 1), std::span(&after, 1));
  if (!change) return {"speed", CheckOutcome::not_judged, name + ": the evidence holds no times", ""};
  const measure::Judgement judgement = measure::judge(std::span(&*change, 1)).front();
  const std::string interval =
      judgement.corrected ? fmt::format(" (95 % interval {:.3f} to {:.3f})", judgement.corrected->low, judgement.corrected->high) : "";
  const std::string load = now->warnings.empty() ? "" : "; while it was measured: " + join(now->warnings, " ");
  const std::string figures = fmt::format("{}: {:.4g} ms now, {:.4g} ms recorded: {:.3f} times{}{}", name, std::exp(change->after.mean),
                                          std::exp(change->before.mean), judgement.ratio.value, interval, load);
  const auto differences = api::machine_differences(evidence.environment, environment_);
  if (!differences.empty()) {
    return {"speed", CheckOutcome::not_judged,
            fmt::format("{}; not judged, since it was measured on another machine ({})", figures, printable(differences.front().what)), ""};
  }
  if (judgement.relation == measure::Relation::slower)
    return {"speed", CheckOutcome::failed, figures, "close what else runs and verify again; if it stays so, measure and pack again"};
  return {"speed", CheckOutcome::passed, figures, ""};
}

}  // namespace

std::string_view to_string(CheckOutcome outcome) noexcept {
  return name_in(outcome_names, outcome);
}

bool Verification::holds() const noexcept {
  return std::none_of(steps.begin(), steps.end(), [](const VerifyStep& step) { return step.outcome == CheckOutcome::failed; });
}

Verification verify(const VerifyRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  std::error_code error;
  if (!std::filesystem::exists(request.artifact, error)) {
    throw Exception({ErrorCode::bad_input, fmt::format("there is no artefact '{}'", printable(request.artifact.string())),
                     "check the path: a folder that podium pack wrote, or its .zip"});
  }
  api::OneClock watched(observer);
  return Verifier(request, watched, cancel).run();
}

}  // namespace podium
