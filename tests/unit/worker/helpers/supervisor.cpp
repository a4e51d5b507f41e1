#include <cstdio>

#include "core/install_paths.h"
#include "worker/worker.h"

/// A supervisor for a test to kill: loads the fake with children in sessions of their own, says so, and then waits for an answer that never
/// comes.
int main(int, char** arguments) {
  using namespace podium;
  const InstallPaths paths = find_install_paths();
  const std::vector<float> input(4, 1.0F);
  const auto bytes = std::as_bytes(std::span(input));
  const auto memory = worker::InputMemory::create({{"x", DataType::float32, {1, 4}, {}}}, {{bytes}});
  if (!memory) return 1;
  const worker::WorkerCommand command{{paths.worker.string(), "--module", (paths.backends / "podium-backend-fake.so").string()}, {}};
  auto worker = worker::Worker::start(command, {}, *memory, {}, CancelToken());
  if (!worker) return 2;
  const OptionValues options{{"children", std::int64_t{3}}, {"spinning-threads", std::int64_t{1}}, {"hang-at", std::string("answers")}};
  if (!worker->load({arguments[1], Precision::fp32, "cpu", 1, options, {{"x", DataType::float32, {1, 4}}}, {}})) return 3;
  std::puts("loaded");
  std::fflush(stdout);
  const auto answers = worker->answers(1);
  return answers ? 4 : 5;
}
