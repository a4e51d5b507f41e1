#include "podium/doctor.h"

#include <algorithm>
#include <filesystem>

#include "api/gpus.h"
#include "api/workers.h"
#include "core/environment.h"
#include "machine/preflight.h"

namespace podium {
namespace {

BackendReport report_of(const backend::Registered& entry) {
  const backend::Descriptor& descriptor = entry.descriptor;
  BackendReport report;
  report.name = descriptor.name;
  report.engine = descriptor.engine;
  report.summary = descriptor.summary;
  report.precisions = descriptor.precisions;
  report.remedy = descriptor.remedy;
  report.options = descriptor.options;
  report.onnx_baseline = std::count(descriptor.baseline_for.begin(), descriptor.baseline_for.end(), "onnx") > 0;
  if (entry.launch == backend::Launch::none) report.reason = "not built: " + entry.reason;
  return report;
}

/// Starts the backend's worker and asks it; every failure becomes the report's reason.
void probe(const backend::Registered& entry, BackendReport& report) {
  const auto command = api::worker_command(entry);
  if (!command) {
    report.reason = command.error().message;
    report.remedy = command.error().remedy;
    return;
  }
  const worker::InputMemory no_inputs = worker::InputMemory::empty();
  auto worker = worker::Worker::start(*command, {}, no_inputs, {}, CancelToken{});
  auto answer = worker ? worker->probe() : tl::unexpected(worker.error());
  if (!answer) {
    report.reason = answer.error().error.message;
    if (!answer.error().error.remedy.empty()) report.remedy = answer.error().error.remedy;
    return;
  }
  report.available = answer->available;
  report.version = answer->version;
  report.devices = answer->devices;
  report.place = answer->place;
  report.reason = answer->reason;
  if (!answer->remedy.empty()) report.remedy = answer->remedy;
}

}  // namespace

std::vector<BackendReport> known_backends() {
  std::vector<BackendReport> reports;
  for (const backend::Registered& entry : value_or_throw(api::read_backends())) reports.push_back(report_of(entry));
  return reports;
}

Diagnosis diagnose() {
  Diagnosis diagnosis;
  diagnosis.environment = read_environment();
  (void)api::look_at_gpus({}, diagnosis.environment);
  machine::PreflightReport preflight = machine::preflight(api::machine_root(), {usable_cpus()});
  diagnosis.environment.preflight = std::move(preflight.facts);
  for (const machine::Finding& finding : preflight.findings) diagnosis.environment.warnings.push_back(machine::to_warning(finding));
  for (const backend::Registered& entry : value_or_throw(api::read_backends())) {
    BackendReport report = report_of(entry);
    if (entry.launch != backend::Launch::none) probe(entry, report);
    if (report.available) diagnosis.environment.versions[report.name] = report.version;
    diagnosis.backends.push_back(std::move(report));
  }
  return diagnosis;
}

}  // namespace podium
