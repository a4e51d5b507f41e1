#include "engine.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/install_paths.h"

namespace podium::conformance {
namespace {

namespace fs = std::filesystem;

worker::WorkerCommand command_of(const backend::Registered& registered) {
  const InstallPaths paths = find_install_paths();
  if (registered.launch == backend::Launch::module) return {{paths.worker.string(), "--module", registered.module.string()}, {}};
  return {{python_interpreter(), "-m", "podium_torch.worker", "--backend", registered.descriptor.name},
          {{"PYTHONPATH", paths.python.string()}}};
}

worker::InputMemory share(const Case& given) {
  std::vector<worker::InputLayout> layout;
  for (const Tensor& input : given.batches.front().inputs) layout.push_back({input.name, input.type, input.shape, {}});
  std::vector<std::vector<std::span<const std::byte>>> batches;
  for (const Batch& batch : given.batches) {
    std::vector<std::span<const std::byte>>& inputs = batches.emplace_back();
    for (const Tensor& input : batch.inputs) inputs.push_back(std::as_bytes(std::span(input.bytes)));
  }
  return value_or_throw(worker::InputMemory::create(std::move(layout), batches));
}

worker::Worker start(const Engine& engine, const worker::InputMemory& inputs, const fs::path& log) {
  worker::WorkerLimits limits;
  limits.load_timeout = std::chrono::seconds(240);
  auto started = worker::Worker::start(command_of(engine.registered), limits, inputs, log, CancelToken());
  if (!started) throw std::runtime_error(started.error().error.message + "\n" + started.error().failure.log_tail);
  return std::move(*started);
}

fs::path log_file(const Engine& engine) {
  const fs::path folder = models_folder() / "logs";
  fs::create_directories(folder);
  static int number = 0;
  return folder / (engine.descriptor().name + "-" + std::to_string(::getpid()) + "-" + std::to_string(++number) + ".log");
}

/// Told by the driver, so that listing the tests starts no engine.
bool gpu_is_here() {
  return fs::exists("/dev/nvidiactl") || fs::exists("/dev/dxg");
}

std::vector<Engine> built_backends() {
  std::vector<Engine> engines;
  for (backend::Registered& registered : value_or_throw(backend::read_registry(find_install_paths().backends))) {
    if (registered.launch != backend::Launch::none) engines.push_back({std::move(registered)});
  }
  return engines;
}

std::vector<Engine> backends_where(const std::function<bool(const backend::Registered&)>& wanted) {
  std::vector<Engine> engines = built_backends();
  std::erase_if(engines,
                [&](const Engine& engine) { return !(engine.runs_on("cpu") || gpu_is_here()) || !wanted(engine.registered); });
  for (Engine& engine : engines) {  // what it has on another device is device_test.cpp's
    backend::Descriptor& descriptor = engine.registered.descriptor;
    descriptor = backend::on_device_kind(std::move(descriptor), engine.runs_on("cpu") ? "cpu" : "cuda");
  }
  return engines;
}

}  // namespace

bool Engine::has(Precision precision) const {
  const auto& can = descriptor().precisions;
  return std::find(can.begin(), can.end(), precision) != can.end();
}

bool Engine::runs_on(const std::string& device_kind) const {
  const auto& kinds = descriptor().device_kinds;
  return std::find(kinds.begin(), kinds.end(), device_kind) != kinds.end();
}

std::string Engine::device() const {
  return runs_on("cpu") ? "cpu" : "cuda:0";
}

void PrintTo(const Engine& engine, std::ostream* out) {
  *out << engine.descriptor().name;
}

std::vector<Engine> every_backend() {
  return backends_where([](const auto&) { return true; });
}

std::vector<Engine> every_backend_for_gpus() {
  std::vector<Engine> engines = built_backends();
  std::erase_if(engines, [](const Engine& engine) { return !engine.runs_on("cuda"); });
  return engines;
}

std::vector<Engine> every_engine() {
  return backends_where([](const backend::Registered& registered) { return registered.descriptor.bundled_in_default_runs; });
}

std::vector<Engine> every_engine_reading(const std::string& model_format) {
  return backends_where([&](const backend::Registered& registered) {
    return registered.descriptor.bundled_in_default_runs && registered.descriptor.model_format == model_format;
  });
}

std::string test_name(const std::string& name) {
  std::string readable = name;
  std::replace_if(
      readable.begin(), readable.end(), [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) == 0; }, '_');
  return readable;
}

Running::Running(const Engine& engine, const Case& given)
    : engine_(engine), case_(given), log_(log_file(engine)), inputs_(share(given)), worker_(start(engine, inputs_, log_)) {}

backend::LoadRequest Running::request(Precision precision) const {
  backend::LoadRequest request;
  request.model = case_.file(engine_.descriptor(), precision);
  request.precision = precision;
  request.device = engine_.device();
  request.threads = 2;
  request.cache = models_folder() / "cache" / engine_.descriptor().name;
  fs::create_directories(request.cache);
  for (const Tensor& input : case_.batches.front().inputs) request.inputs.push_back({input.name, input.type, input.shape});
  return request;
}

worker::Outcome<worker::LoadFigures> Running::load(const OptionValues& options, Precision precision) {
  backend::LoadRequest asked = request(precision);
  asked.options = options;
  return worker_.load(asked);
}

worker::Outcome<worker::Answers> Running::answers() {
  return worker_.answers(static_cast<std::int64_t>(case_.batches.size()));
}

Error error_of_using(Running& running) {
  const auto loaded = running.load();
  if (!loaded) return loaded.error().error;
  const auto answered = running.answers();
  if (!answered) return answered.error().error;
  throw std::runtime_error("the engine took what it should have refused");
}

}  // namespace podium::conformance
