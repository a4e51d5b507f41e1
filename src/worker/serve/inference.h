#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "worker/messages.h"
#include "worker/serve/caller.h"
#include "worker/serve/known_answer.h"
#include "worker/serve/shared_memory.h"

namespace podium::worker {

/// A loaded model with its batches of inputs: what "answers", "measure" and "audit" work on.
class Inference {
 public:
  /// Views of every batch in the inputs memory.
  [[nodiscard]] static Result<Inference> load(backend::Backend& backend, const LoadMessage& message, const InputMap& inputs);

  [[nodiscard]] Result<AnswersMessage> answers(const std::vector<std::int64_t>& batches, ArenaMap& arena);
  [[nodiscard]] Result<BlockMessage> measure(const MeasureRequest& request, ArenaMap& arena);
  /// Keeps several requests in flight, each with a session of its own on the one loaded model.
  [[nodiscard]] Result<ThroughputFigures> throughput(const ThroughputRequest& request);
  [[nodiscard]] Result<Audit> audit() { return caller_.session().audit(); }

 private:
  Inference(Caller caller, Precision precision, std::int64_t requests)
      : caller_(std::move(caller)), precision_(precision), requests_(requests) {}
  [[nodiscard]] Result<std::optional<DeviceClock>> ask_both_clocks(std::int64_t samples);
  void step() noexcept;

  Caller caller_;
  Precision precision_;
  std::int64_t requests_;           ///< that the model was loaded for
  std::vector<Caller> others_;      ///< for the requests past the first
  std::vector<KnownAnswer> known_;  ///< to each batch, with one request in flight
  std::size_t next_batch_ = 0;      ///< of "measure", which goes on where the last one stopped
  bool fresh_ = true;               ///< no inference since it was loaded
};

}  // namespace podium::worker
