#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backends/api/backend.h"
#include "convert/activations.h"
#include "core/result.h"
#include "data/sample_stream.h"
#include "podium/cancel.h"
#include "search/model_inputs.h"
#include "worker/worker.h"

namespace podium::search {

/// An engine that reads ONNX, and how it runs for the converter.
struct LentEngine {
  worker::WorkerCommand command;
  worker::WorkerLimits limits;
  OptionValues options;      ///< every option of the backend, defaults filled in
  std::int64_t threads = 0;  ///< 0: all usable CPUs
};

/// Runs models in a worker process of an engine, each model in a process of its own, on samples batch by batch. Memory does not grow with
/// the samples: one batch of inputs and one of outputs lie in memory shared with the worker.
class EngineActivations final : public convert::ActivationSource {
 public:
  /// The last batch is filled up from the first samples, so that every sample is in a batch.
  EngineActivations(LentEngine engine, ModelInputs inputs, std::int64_t batch, std::unique_ptr<data::SampleStream> samples,
                    CancelToken cancel);

  [[nodiscard]] std::int64_t batches() const override;
  /// The model goes to a temporary file, which is gone when the call ends.
  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& model, const convert::OnActivations& sink) override;

 private:
  [[nodiscard]] Result<std::vector<std::vector<std::byte>>> gather(std::int64_t batch);
  [[nodiscard]] Result<void> feed(worker::Worker& worker, worker::InputMemory& memory, const convert::OnActivations& sink);

  LentEngine engine_;
  ModelInputs inputs_;
  std::int64_t batch_;
  std::unique_ptr<data::SampleStream> samples_;
  CancelToken cancel_;
};

}  // namespace podium::search
