#include "worker/serve/inference.h"

#include <fmt/format.h>

#include <chrono>
#include <cstring>

#include "core/text.h"
#include "measure/timed_loop.h"
#include "worker/serve/processor_time.h"
#include "worker/serve/requests_in_flight.h"

namespace podium::worker {

namespace {

constexpr std::uint64_t alignment = 64;

Result<std::vector<std::vector<TensorView>>> view_batches(const std::vector<InputLayout>& layouts, const InputMap& inputs) {
  const std::size_t count = layouts.empty() ? 0 : layouts.front().offsets.size();
  if (count == 0) return fail(ErrorCode::bad_input, "the model was given no batch of inputs", "Give inputs with --data.");
  std::vector<std::vector<TensorView>> batches(count);
  for (const InputLayout& layout : layouts) {
    if (layout.offsets.size() != count) {
      return fail(ErrorCode::bad_input,
                  fmt::format("input '{}' has {} batches, the first input has {}", printable(layout.name), layout.offsets.size(), count));
    }
    for (std::size_t batch = 0; batch < count; ++batch) {
      TensorView view{layout.name, layout.type, layout.shape, nullptr};
      view.data = inputs.at(layout.offsets[batch], view.bytes());
      if (view.data == nullptr || layout.offsets[batch] % alignment != 0) {
        return fail(ErrorCode::bad_input, fmt::format("batch {} of input '{}' does not lie in the inputs memory, at a multiple of {} bytes",
                                                      batch, printable(layout.name), alignment));
      }
      batches[batch].push_back(std::move(view));
    }
  }
  return batches;
}

/// Copies outputs behind what the arena holds already.
Result<std::vector<OutputRange>> keep(std::span<const TensorView> outputs, ArenaMap& arena, std::uint64_t& used) {
  std::vector<OutputRange> ranges;
  for (const TensorView& output : outputs) {
    const std::uint64_t bytes = output.bytes();
    if (auto reserved = arena.reserve(used + bytes); !reserved) return tl::unexpected(reserved.error());
    if (bytes > 0) std::memcpy(arena.data() + used, output.data, bytes);
    ranges.push_back({output.name, output.type, output.shape, used, bytes});
    used = (used + bytes + alignment - 1) / alignment * alignment;
  }
  return ranges;
}

}  // namespace

Result<Inference> Inference::load(backend::Backend& backend, const LoadMessage& message, const InputMap& inputs) {
  Result<std::vector<Batch>> batches = view_batches(message.inputs, inputs);
  if (!batches) return tl::unexpected(batches.error());
  Result<std::unique_ptr<backend::Session>> session = backend.load(message.request);
  if (!session) return tl::unexpected(session.error());
  return Inference(std::move(*session), std::move(*batches), message.request.precision, message.request.requests);
}

Result<std::span<const TensorView>> Inference::run_and_wait(const Batch& batch) {
  Result<std::span<const TensorView>> outputs = session_->run(batch);
  if (!outputs) return outputs;
  if (auto done = session_->synchronize(); !done) return tl::unexpected(done.error());
  return outputs;
}

Result<AnswersMessage> Inference::answers(const std::vector<std::int64_t>& batches, ArenaMap& arena) {
  AnswersMessage message;
  std::uint64_t used = 0;
  for (const std::int64_t batch : batches) {
    if (batch < 0 || batch >= static_cast<std::int64_t>(batches_.size())) {
      return fail(ErrorCode::wrong_use, fmt::format("there is no batch {}, but {} batches", batch, batches_.size()));
    }
    const std::int64_t start = measure::monotonic_ns();
    const Result<std::span<const TensorView>> outputs = run_and_wait(batches_[static_cast<std::size_t>(batch)]);
    if (!outputs) return tl::unexpected(outputs.error());
    if (std::exchange(fresh_, false)) message.first_inference_ns = measure::monotonic_ns() - start;
    Result<std::vector<OutputRange>> ranges = keep(*outputs, arena, used);
    if (!ranges) return tl::unexpected(ranges.error());
    message.batches.push_back(std::move(*ranges));
  }
  return message;
}

Result<BlockMessage> Inference::measure(const MeasureRequest& request, ArenaMap& arena) {
  const auto samples = arena.sample_buffer(static_cast<std::uint64_t>(request.maximum_samples));
  if (!samples) return tl::unexpected(samples.error());
  fresh_ = false;
  Error error;
  const auto run_once = [this, &error] {
    const Result<std::span<const TensorView>> outputs = session_->run(batches_[next_batch_]);
    if (++next_batch_ == batches_.size()) next_batch_ = 0;
    const Result<void> done = outputs ? session_->synchronize() : Result<void>();
    if (outputs && done) return true;
    error = outputs ? done.error() : outputs.error();
    return false;
  };
  const measure::LoopRequest loop{request.duration.count(), request.minimum_samples, request.iterations_per_sample};
  measure::LoopFigures figures;
  const std::int64_t processor_before = processor_ns();
  if (!measure::timed_loop(loop, *samples, figures, run_once)) return tl::unexpected(error);
  return BlockMessage{figures.start_ns, figures.elapsed_ns, processor_ns() - processor_before, static_cast<std::uint64_t>(figures.samples),
                      0};
}

Result<ThroughputFigures> Inference::throughput(const ThroughputRequest& request) {
  if (request.requests > requests_) {
    return fail(ErrorCode::wrong_use,
                fmt::format("the model was loaded for {} requests in flight, not for {}", requests_, request.requests));
  }
  while (static_cast<std::int64_t>(others_.size()) + 1 < request.requests) {
    Result<std::unique_ptr<backend::Session>> another = session_->another();
    if (!another) return tl::unexpected(another.error());
    others_.push_back(std::move(*another));
  }
  fresh_ = false;
  for (std::size_t i = known_.size(); i < batches_.size(); ++i) {
    const Result<std::span<const TensorView>> outputs = run_and_wait(batches_[i]);
    if (!outputs) return tl::unexpected(outputs.error());
    known_.emplace_back(*outputs, precision_);
  }
  std::vector<backend::Session*> sessions{session_.get()};
  for (std::int64_t i = 1; i < request.requests; ++i) sessions.push_back(others_[static_cast<std::size_t>(i - 1)].get());
  return RequestsInFlight(std::move(sessions), batches_, known_).measure(request.duration);
}

}  // namespace podium::worker
