#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "core/install_paths.h"
#include "worker/worker.h"

namespace podium::test {

/// What a test needs around a worker of the fake: two inputs of one row each, a model file, a log.
class FakeCell {
 public:
  explicit FakeCell(worker::WorkerLimits limits = {}) : limits_(limits) {}

  worker::Outcome<worker::Worker> start() {
    const InstallPaths paths = find_install_paths();
    return start({{paths.worker.string(), "--module", (paths.backends / "podium-backend-fake.so").string()}, {}});
  }
  worker::Outcome<worker::Worker> start(const worker::WorkerCommand& command) {
    return worker::Worker::start(command, limits_, memory_, folder_.path() / "log", cancel);
  }
  /// Starts and loads; the outcome of load.
  worker::Outcome<worker::LoadFigures> load(const OptionValues& options) {
    auto started = start();
    if (!started) return tl::unexpected(started.error());
    worker.emplace(std::move(*started));
    return worker->load(request(options));
  }
  [[nodiscard]] backend::LoadRequest request(const OptionValues& options) const {
    return {model_, Precision::fp32, "cpu", 1, options, {{"x", DataType::float32, {1, 4}}}, {}};
  }
  [[nodiscard]] std::string log() const { return slurp(folder_.path() / "log"); }

  CancelToken cancel;
  std::optional<worker::Worker> worker;

 private:
  static worker::InputMemory make_memory() {
    static const std::vector<float> first{1.0F, 2.0F, 3.0F, 4.0F};
    static const std::vector<float> second{-4.0F, 1.0F, 0.5F, 2.0F};
    return std::move(*worker::InputMemory::create({{"x", DataType::float32, {1, 4}, {}}},
                                                  {{std::as_bytes(std::span(first))}, {std::as_bytes(std::span(second))}}));
  }

  TemporaryFolder folder_;
  std::filesystem::path model_ = folder_.write("model.onnx", "the fake does not look into it");
  worker::InputMemory memory_ = make_memory();
  worker::WorkerLimits limits_;
};

inline OptionValue text(const char* value) {
  return std::string(value);
}
inline OptionValue number(std::int64_t value) {
  return value;
}

/// A short block.
inline worker::MeasureRequest short_block() {
  return {std::chrono::milliseconds(5), 3, 1000, 1};
}

}  // namespace podium::test
