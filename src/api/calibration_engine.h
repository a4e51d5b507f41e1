#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "backends/api/registry.h"
#include "convert/activations.h"
#include "core/result.h"
#include "data/sample_stream.h"
#include "podium/cancel.h"
#include "search/model_inputs.h"
#include "worker/worker.h"

namespace podium::api {

/// How activations are computed.
struct CalibrationRun {
  std::int64_t batch = 1;
  std::int64_t threads = 1;
  worker::WorkerLimits limits;
};

/// The engine that the converter borrows: whichever reads ONNX on the CPU and is here.
class CalibrationEngine {
 public:
  /// The first of the registry; ErrorCode::unavailable where there is none.
  [[nodiscard]] static Result<CalibrationEngine> find(const CancelToken& cancel);

  /// "ONNX Runtime 1.32.0"
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Runs models on `samples`, each model in a process of its own.
  [[nodiscard]] Result<std::unique_ptr<convert::ActivationSource>> source(std::unique_ptr<data::SampleStream> samples,
                                                                          const search::ModelInputs& model, const CalibrationRun& run,
                                                                          const CancelToken& cancel) const;

 private:
  backend::Registered backend_;
  std::string name_;
};

}  // namespace podium::api
