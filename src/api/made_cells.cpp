#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "api/bench_run.h"
#include "api/workers.h"
#include "core/environment.h"
#include "core/temporary_folder.h"
#include "core/text.h"

/// The part of a run that makes cells' files and answers without measuring anything.
namespace podium::api {
namespace {

constexpr std::int64_t most_recorded_calls = 4;
constexpr std::int64_t most_recorded_bytes = std::int64_t{64} << 20;
constexpr std::size_t alignment = 64;

/// Appends to the file of recorded calls; returns where.
std::int64_t append(std::string& file, std::string_view bytes) {
  const auto offset = static_cast<std::int64_t>(file.size());
  file.append(bytes);
  file.resize((file.size() + alignment - 1) / alignment * alignment, '\0');
  return offset;
}

Result<std::string> bytes_at(const worker::InputMemory& memory, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(memory.descriptor(), bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (count <= 0) return fail(ErrorCode::failed, "the inputs could not be read back from shared memory");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

std::int64_t calls_to_record(const worker::InputMemory& memory) {
  std::int64_t call_bytes = 1;
  for (const worker::InputLayout& input : memory.layout())
    call_bytes += static_cast<std::int64_t>(TensorView{{}, input.type, input.shape}.bytes());
  return std::clamp<std::int64_t>(most_recorded_bytes / call_bytes, 1, std::min(most_recorded_calls, memory.batches()));
}

/// Has the worker answer one batch, and keeps inputs and answer.
Result<void> record(worker::Worker& worker, const worker::InputMemory& memory, std::int64_t batch, MadeCell& made) {
  RecordedCall call;
  for (const worker::InputLayout& input : memory.layout()) {
    const TensorView view{input.name, input.type, input.shape};
    const auto bytes = bytes_at(memory, input.offsets[static_cast<std::size_t>(batch)], view.bytes());
    if (!bytes) return tl::unexpected(bytes.error());
    call.inputs.push_back({input.name, input.type, input.shape, append(made.recorded, *bytes)});
  }
  const auto answer = worker.answer(batch);
  if (!answer) return tl::unexpected(answer.error().error);
  for (const worker::LentTensor& output : answer->outputs) {
    const std::string_view bytes(reinterpret_cast<const char*>(output.bytes.data()), output.bytes.size());
    call.outputs.push_back({output.name, output.type, output.shape, append(made.recorded, bytes)});
  }
  made.calls.push_back(std::move(call));
  return {};
}

/// What an engine on a GPU compiled, or loaded of what it had compiled before, since then: it sets the time of such a file.
std::vector<std::filesystem::path> touched_since(const std::filesystem::path& folder, std::filesystem::file_time_type start) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && entry.last_write_time(error) >= start) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<std::vector<MadeCell>> BenchRun::make_cells_again(const std::vector<const Cell*>& cells) {
  usable_ = usable_cpus();
  threads_ = request_.threads > 0 ? request_.threads : usable_;
  for (const auto step : {&BenchRun::choose_device, &BenchRun::choose_candidates, &BenchRun::take_in_model, &BenchRun::read_data,
                          &BenchRun::read_calibration}) {
    if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
  }
  std::vector<MadeCell> made;
  for (const Cell* cell : cells) {
    if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped before the artefact was made", "let it run to its end");
    auto one = make_cell_again(*cell);
    if (!one) return tl::unexpected(one.error());
    made.push_back(std::move(*one));
  }
  return made;
}

Result<MadeCell> BenchRun::make_cell_again(const Cell& cell) {
  const auto candidate = std::find_if(candidates_.begin(), candidates_.end(), [&](const search::Candidate& it) {
    return search::cell_id(it, cell.batch, device_.name()) == cell.id;
  });
  if (candidate == candidates_.end()) {
    return fail(ErrorCode::unavailable, fmt::format("this Podium has no candidate '{}'", printable(cell.id)),
                "measure again with this Podium, and pack that");
  }
  auto batches = search::make_batches(samples_, inputs_, cell.batch);
  if (!batches) return tl::unexpected(batches.error());
  const std::vector<backend::InputSpec> specs = search::input_specs(batches->memory);
  tell("build", cell.id, 0, 0);
  auto prepared = prepare(*candidate, specs, cell.id, 0);
  if (!prepared) return tl::unexpected(prepared.error());
  MadeCell made;
  made.descriptor = candidate->backend.descriptor;
  made.model = prepared->path;
  made.is_the_measured_file = cell.variant_sha256.empty() || prepared->sha256 == cell.variant_sha256;
  made.is_compiled = candidate->backend.descriptor.model_format != "onnx";
  made.options = candidate->options;
  made.threads = threads_;
  made.inputs = specs;
  const auto logs = TemporaryFolder::create({}, "podium-pack");
  if (!logs) return tl::unexpected(logs.error());
  const auto command = worker_command(candidate->backend);
  if (!command) return tl::unexpected(command.error());
  tell("load", cell.id, 0, 0);
  auto worker = worker::Worker::start(*command, {request_.load_timeout, request_.run_timeout, request_.memory_limit_bytes}, batches->memory,
                                      logs->path() / "worker.log", cancel_);
  if (!worker) return tl::unexpected(worker.error().error);
  const auto probe = worker->probe();
  if (!probe) return tl::unexpected(probe.error().error);
  if (!probe->available)
    return fail(ErrorCode::unavailable, fmt::format("{} is not here: {}", made.descriptor.engine, probe->reason), made.descriptor.remedy);
  made.engine_version = probe->version;
  backend::LoadRequest load{prepared->path, cell.precision, device_.name(), threads_, candidate->options, specs, prepared->cache};
  load.boundary = boundary_;
  const auto start = std::filesystem::file_time_type::clock::now();
  if (const auto loaded = worker->load(load); !loaded) return tl::unexpected(loaded.error().error);
  const std::int64_t calls = calls_to_record(batches->memory);
  for (std::int64_t call = 0; call < calls; ++call) {
    if (auto recorded = record(*worker, batches->memory, call, made); !recorded) return tl::unexpected(recorded.error());
  }
  worker->quit();
  if (!device_.is_cpu()) made.compiled = touched_since(prepared->cache, start);
  return made;
}

}  // namespace podium::api
