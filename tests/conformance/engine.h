#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "cases.h"
#include "worker/worker.h"

namespace podium::conformance {

/// A backend of this build. Tests are parameterized over these, so that each names its engine.
struct Engine {
  backend::Registered registered;
  [[nodiscard]] const backend::Descriptor& descriptor() const noexcept { return registered.descriptor; }
  [[nodiscard]] bool has(Precision precision) const;
  [[nodiscard]] bool runs_on(const std::string& device_kind) const;
  /// That it is tried on: the CPU, and the first GPU where it runs on nothing else.
  [[nodiscard]] std::string device() const;
};
void PrintTo(const Engine& engine, std::ostream* out);

/// Those that run on GPUs alone are among them where there is one.
[[nodiscard]] std::vector<Engine> every_backend();  ///< the fake included
[[nodiscard]] std::vector<Engine> every_backend_for_gpus();
[[nodiscard]] std::vector<Engine> every_engine();   ///< that computes a model
[[nodiscard]] std::vector<Engine> every_engine_reading(const std::string& model_format);
/// A name that GoogleTest takes: "torch_eager".
[[nodiscard]] std::string test_name(const std::string& name);
/// Names a parameterized test after its engine.
struct NamedByEngine {
  template <typename Info>
  std::string operator()(const Info& given) const {
    return test_name(given.param.descriptor().name);
  }
};

/// A worker of an engine over a case's inputs.
class Running {
 public:
  /// Throws where the worker does not start: that fails the test.
  Running(const Engine& engine, const Case& given);

  [[nodiscard]] backend::LoadRequest request(Precision precision = Precision::fp32) const;
  [[nodiscard]] worker::Outcome<worker::LoadFigures> load(const OptionValues& options = {}, Precision precision = Precision::fp32);
  /// Of all batches of the case.
  [[nodiscard]] worker::Outcome<worker::Answers> answers();
  [[nodiscard]] worker::Worker& worker() noexcept { return worker_; }

 private:
  Engine engine_;
  Case case_;
  std::filesystem::path log_;
  worker::InputMemory inputs_;
  worker::Worker worker_;
};

/// The first error of loading and answering: engines differ in which of the two finds a wrong input.
[[nodiscard]] Error error_of_using(Running& running);

}  // namespace podium::conformance
