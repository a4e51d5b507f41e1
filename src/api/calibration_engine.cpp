#include "api/calibration_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/workers.h"
#include "core/text.h"
#include "search/engine_activations.h"

namespace podium::api {
namespace {

/// Its version where it is here, else why it is not.
Result<std::string> probe(const worker::WorkerCommand& command, const CancelToken& cancel) {
  const worker::InputMemory no_inputs = worker::InputMemory::empty();
  auto worker = worker::Worker::start(command, {}, no_inputs, {}, cancel);
  if (!worker) return tl::unexpected(worker.error().error);
  const auto found = worker->probe();
  if (!found) return tl::unexpected(found.error().error);
  if (!found->available) return fail(ErrorCode::unavailable, found->reason, found->remedy);
  return found->version;
}

/// And computes on the CPU, where calibration runs.
bool reads_onnx(const backend::Registered& entry) {
  const auto& kinds = entry.descriptor.device_kinds;
  return entry.descriptor.model_format == "onnx" && entry.descriptor.bundled_in_default_runs &&
         std::find(kinds.begin(), kinds.end(), "cpu") != kinds.end();
}

}  // namespace

Result<CalibrationEngine> CalibrationEngine::find(const CancelToken& cancel) {
  const auto registry = read_backends();
  if (!registry) return tl::unexpected(registry.error());
  std::vector<std::string> reasons;
  for (const backend::Registered& entry : *registry) {
    if (!reads_onnx(entry)) continue;
    const auto command = worker_command(entry);
    const auto version = command ? probe(*command, cancel) : tl::unexpected(command.error());
    if (cancel.requested()) return fail(ErrorCode::cancelled, "the search for an engine was stopped");
    if (!version) {
      reasons.push_back(fmt::format("{}: {}", entry.descriptor.name, version.error().message));
      continue;
    }
    CalibrationEngine engine;
    engine.backend_ = entry;
    engine.name_ = fmt::format("{} {}", entry.descriptor.engine, *version);
    return engine;
  }
  return fail(ErrorCode::unavailable,
              fmt::format("no engine that reads ONNX is here to run the calibration data ({})",
                          reasons.empty() ? std::string("none was built") : join(reasons, "; ")),
              "run scripts/setup; 'podium doctor' tells what each engine needs");
}

Result<std::unique_ptr<convert::ActivationSource>> CalibrationEngine::source(std::unique_ptr<data::SampleStream> samples,
                                                                             const search::ModelInputs& model, const CalibrationRun& run,
                                                                             const CancelToken& cancel) const {
  auto command = worker_command(backend_);
  if (!command) return tl::unexpected(command.error());
  auto options = backend::resolve_options(backend_.descriptor, {});
  if (!options) return tl::unexpected(options.error());
  search::LentEngine engine{std::move(*command), run.limits, std::move(*options), run.threads};
  return std::make_unique<search::EngineActivations>(std::move(engine), model, run.batch, std::move(samples), cancel);
}

}  // namespace podium::api
