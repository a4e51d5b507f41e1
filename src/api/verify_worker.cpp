#include "api/verify_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/load_of_others.h"
#include "api/workers.h"
#include "artifact/artifact_files.h"
#include "core/environment.h"
#include "core/numbers.h"
#include "core/temporary_folder.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "machine/evidence.h"
#include "measure/timed_loop.h"
#include "runtime/engine_folder.h"
#include "search/batch_run.h"
#include "search/disturbance.h"
#include "search/ranking.h"

namespace podium::api {
namespace {

constexpr std::uint64_t alignment = 64;
constexpr std::chrono::duration<double> usual_budget{10.0};
/// Engines may sum in another order from one processor to the next, even where the precision rounds finely.
constexpr double least_tolerance = 1e-4;

std::int64_t threads_for(const ArtifactVariant& variant) {
  return std::min(variant.threads, usable_cpus());
}

worker::WorkerLimits usual_limits() {
  return {std::chrono::seconds(600), std::chrono::seconds(60),
          static_cast<std::int64_t>(0.8 * static_cast<double>(available_memory_bytes()))};
}

Result<search::Candidate> candidate_of(const ArtifactVariant& variant, const backend::Registered& backend) {
  std::map<std::string, std::string> typed;
  for (const auto& [name, value] : variant.options) typed.emplace(name, to_string(value));
  auto options = backend::resolve_options(backend.descriptor, typed);
  if (!options) return tl::unexpected(options.error());
  search::Candidate candidate{backend, variant.precision, *options, {}, 1};
  for (const OptionSpec& option : backend.descriptor.options) {
    if (options->at(option.name) != option.default_value) candidate.unusual.emplace(option.name, options->at(option.name));
  }
  return candidate;
}

/// Root mean square of the difference, relative to that of the recorded values; infinite where a value is not finite and was, or the
/// reverse.
double relative_error(const std::vector<float>& recorded, const std::vector<float>& now) {
  double noise = 0.0;
  double signal = 0.0;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const double difference = double{now[i]} - double{recorded[i]};
    if (std::isfinite(recorded[i]) != std::isfinite(now[i])) return std::numeric_limits<double>::infinity();
    if (!std::isfinite(recorded[i])) continue;
    noise += difference * difference;
    signal += double{recorded[i]} * double{recorded[i]};
  }
  if (noise == 0.0) return 0.0;
  return signal == 0.0 ? std::numeric_limits<double>::infinity() : std::sqrt(noise / signal);
}

double seconds_between(std::int64_t start_ns, std::int64_t end_ns) {
  return 1e-9 * static_cast<double>(end_ns - start_ns);
}

std::vector<std::string> warnings_of(const Cell& cell, std::int64_t start_ns, const LoadOfOthers& others) {
  std::vector<machine::TimedLoad> loads;
  for (const Block& block : cell.blocks) loads.push_back(machine::timed_load(block, seconds_between(start_ns, block.start_ns)));
  return others.warnings(loads);
}

Result<void> compare(const artifact::Opened& artifact, const ArtifactVariant& variant, const RecordedCall& call,
                     const worker::LentAnswer& answer, AnswerCheck& check) {
  if (answer.outputs.size() != call.outputs.size()) {
    check.difference = fmt::format("{} outputs came, {} were recorded", answer.outputs.size(), call.outputs.size());
    return {};
  }
  for (std::size_t i = 0; i < call.outputs.size(); ++i) {
    const worker::LentTensor& now = answer.outputs[i];
    const RecordedTensor& recorded = call.outputs[i];
    if (now.type != recorded.type || now.shape != recorded.shape) {
      check.difference = fmt::format("output '{}' is {} [{}], {} [{}] was recorded", printable(recorded.name), to_string(now.type),
                                     to_string(now.shape), to_string(recorded.type), to_string(recorded.shape));
      return {};
    }
    const auto bytes = artifact::read_recorded(artifact.folder, variant, recorded);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::size_t count = element_count(recorded.shape);
    const double error = relative_error(to_floats(reinterpret_cast<const std::byte*>(bytes->data()), recorded.type, count),
                                        to_floats(now.bytes.data(), now.type, count));
    check.largest_error = std::max(check.largest_error, error);
  }
  ++check.calls;
  return {};
}

}  // namespace

Result<search::Batches> recorded_batches(const artifact::Opened& artifact, const ArtifactVariant& variant) {
  if (variant.calls.empty())
    return fail(ErrorCode::bad_input, fmt::format("{}: no call was recorded to hold an answer against", variant.cell),
                "make the artefact again with podium pack");
  std::vector<std::vector<std::string>> bytes(variant.calls.size());
  std::vector<worker::InputLayout> layout;
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    const RecordedTensor& first = variant.calls.front().inputs[i];
    worker::InputLayout& entry = layout.emplace_back(worker::InputLayout{first.name, first.type, first.shape, {}});
    for (std::size_t call = 0; call < variant.calls.size(); ++call) {
      const RecordedTensor& tensor = variant.calls[call].inputs[i];
      if (tensor.shape != first.shape || tensor.type != first.type || tensor.name != first.name)
        return fail(ErrorCode::bad_input, "recorded calls differ in shape", "make the artefact again with podium pack");
      auto read = artifact::read_recorded(artifact.folder, variant, tensor);
      if (!read) return tl::unexpected(read.error());
      bytes[call].push_back(std::move(*read));
      entry.offsets.push_back(offset);
      offset += (bytes[call].back().size() + alignment - 1) / alignment * alignment;
    }
  }
  std::vector<std::vector<std::span<const std::byte>>> views(bytes.size());
  for (std::size_t call = 0; call < bytes.size(); ++call) {
    for (const std::string& input : bytes[call]) views[call].push_back(std::as_bytes(std::span(input)));
  }
  auto memory = worker::InputMemory::create(std::move(layout), views);
  if (!memory) return tl::unexpected(memory.error());
  return search::Batches{std::move(*memory), 1, variant.calls.size()};
}

Result<WorkerCheck> check_answers(const artifact::Opened& artifact, const ArtifactVariant& variant, const backend::Registered& backend,
                                  const search::Batches& batches, const CancelToken& cancel) {
  const auto logs = TemporaryFolder::create({}, "podium-verify");
  const auto command = worker_command(backend);
  const auto candidate = candidate_of(variant, backend);
  if (!logs) return tl::unexpected(logs.error());
  if (!command) return tl::unexpected(command.error());
  if (!candidate) return tl::unexpected(candidate.error());
  auto worker = worker::Worker::start(*command, usual_limits(), batches.memory, logs->path() / "worker.log", cancel);
  if (!worker) return tl::unexpected(worker.error().error);
  const auto probe = worker->probe();
  if (!probe) return tl::unexpected(probe.error().error);
  if (!probe->available) {
    return fail(ErrorCode::unavailable, fmt::format("{} is not here: {}", backend.descriptor.engine, probe->reason),
                probe->remedy.empty() ? backend.descriptor.remedy : probe->remedy);
  }
  WorkerCheck check;
  check.engine_version = probe->version;
  const runtime::EngineFolder folder = runtime::EngineFolder::open(artifact, variant);
  const auto loaded = worker->load({artifact.folder / variant.model, variant.precision, variant.device, threads_for(variant),
                                    candidate->options, search::input_specs(batches.memory), folder.path()});
  if (!loaded) return tl::unexpected(loaded.error().error);
  check.answers.tolerance = std::max(search::limit_of(variant.precision).rounding_noise, least_tolerance);
  for (std::size_t call = 0; call < variant.calls.size() && check.answers.difference.empty(); ++call) {
    const auto answer = worker->answer(static_cast<std::int64_t>(call));
    if (!answer) return tl::unexpected(answer.error().error);
    if (auto compared = compare(artifact, variant, variant.calls[call], *answer, check.answers); !compared)
      return tl::unexpected(compared.error());
  }
  worker->quit();
  return check;
}

Result<MeasuredVariant> measure_variant(const artifact::Opened& artifact, const ArtifactVariant& variant,
                                        const backend::Registered& backend, const search::Batches& batches, TimingBoundary boundary,
                                        std::chrono::duration<double> budget, BenchObserver& observer, const CancelToken& cancel) {
  const runtime::EngineFolder folder = runtime::EngineFolder::open(artifact, variant);
  const auto logs = TemporaryFolder::create({}, "podium-verify");
  const auto command = worker_command(backend);
  const auto candidate = candidate_of(variant, backend);
  if (!logs) return tl::unexpected(logs.error());
  if (!command) return tl::unexpected(command.error());
  if (!candidate) return tl::unexpected(candidate.error());
  std::vector<search::LiveCell> cells;
  cells.push_back(search::new_cell(*candidate, batches.batch, variant.device, boundary));
  search::BatchRunRequest request;
  request.baseline_order = {0};
  request.threads = threads_for(variant);
  request.budget = budget.count() > 0 ? budget : usual_budget;
  request.audit = {true, true};  // what it runs was judged when it was chosen
  request.limits = usual_limits();
  request.memory_for_all = request.limits.memory_bytes;
  request.logs = logs->path();
  const auto tell = [&](const std::string& stage, double done, double total) {
    observer.on_progress(
        {stage, variant.cell, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), {}, std::chrono::duration<double>(-1)});
  };
  search::BatchRunHooks hooks;
  hooks.prepare = [&](const search::Candidate&, const std::vector<backend::InputSpec>&, std::int64_t) -> Result<search::PreparedModel> {
    return search::PreparedModel{artifact.folder / variant.model,
                                 artifact.manifest.files.at(variant.model).sha256,
                                 artifact.manifest.files.at(variant.model).bytes,
                                 std::nullopt,
                                 false,
                                 false,
                                 folder.path()};
  };
  hooks.command = [&](const search::Candidate&) { return *command; };
  hooks.key = [&](const search::LiveCell&) { return variant.cell; };
  const std::int64_t start_ns = measure::monotonic_ns();
  LoadOfOthers others({}, command->high_priority);
  hooks.on_foreign_load = [&](const std::vector<machine::BusyProcess>& scan) { others.add_disturbing(scan); };
  hooks.on_load_beside = [&](const std::vector<machine::BusyProcess>& scan) {
    others.add_beside(scan, seconds_between(start_ns, measure::monotonic_ns()));
  };
  hooks.on_stage = [&](const std::string& stage, const std::string&, std::size_t done, std::size_t total) {
    tell(stage, static_cast<double>(done), static_cast<double>(total));
  };
  hooks.on_measure = [&](double elapsed, double whole, const std::string&) { tell("measure", elapsed * 10.0, whole * 10.0); };
  hooks.on_message = [&](const std::string& message) { observer.on_message(message); };
  hooks.on_cell = [](const Cell&) -> Result<void> { return {}; };
  hooks.on_block = [](const std::string&, const Block&) -> Result<void> { return {}; };
  if (auto ran = search::run_batch(cells, batches, request, hooks, cancel); !ran) return tl::unexpected(ran.error());
  MeasuredVariant measured{std::move(cells.front().cell), {}};
  measured.warnings = warnings_of(measured.cell, start_ns, others);
  std::vector<Cell*> pointers{&measured.cell};
  if (search::score_disturbed_blocks(pointers))
    measured.warnings.emplace_back("too few blocks were undisturbed, so the disturbed ones are scored as well.");
  search::rank_cells(pointers);
  return measured;
}

}  // namespace podium::api
