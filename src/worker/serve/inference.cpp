#include "worker/serve/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/text.h"
#include "measure/statistics.h"
#include "measure/timed_loop.h"
#include "worker/serve/processor_time.h"
#include "worker/serve/requests_in_flight.h"

namespace podium::worker {

namespace {

constexpr std::uint64_t alignment = 64;

Result<std::vector<Batch>> view_batches(const std::vector<InputLayout>& layouts, const InputMap& inputs) {
  const std::size_t count = layouts.empty() ? 0 : layouts.front().offsets.size();
  if (count == 0) return fail(ErrorCode::bad_input, "the model was given no batch of inputs", "give inputs with --data");
  std::vector<Batch> batches(count);
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
  auto caller =
      Caller::make(std::move(*session), std::make_shared<const std::vector<Batch>>(std::move(*batches)), message.request.boundary);
  if (!caller) return tl::unexpected(caller.error());
  return Inference(std::move(*caller), message.request.precision, message.request.requests);
}

void Inference::step() noexcept {
  if (++next_batch_ == caller_.batches()) next_batch_ = 0;
}

Result<AnswersMessage> Inference::answers(const std::vector<std::int64_t>& batches, ArenaMap& arena) {
  AnswersMessage message;
  std::uint64_t used = 0;
  for (const std::int64_t batch : batches) {
    if (batch < 0 || batch >= static_cast<std::int64_t>(caller_.batches())) {
      return fail(ErrorCode::wrong_use, fmt::format("there is no batch {}, but {} batches", batch, caller_.batches()));
    }
    const std::int64_t start = measure::monotonic_ns();
    const Result<std::span<const TensorView>> outputs = caller_.answer(static_cast<std::size_t>(batch));
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
    const Result<void> done = caller_.run(next_batch_);
    step();
    if (done) return true;
    error = done.error();
    return false;
  };
  const measure::LoopRequest loop{request.duration.count(), request.minimum_samples, request.iterations_per_sample};
  measure::LoopFigures figures;
  const std::int64_t processor_before = processor_ns();
  if (!measure::timed_loop(loop, *samples, figures, run_once)) return tl::unexpected(error);
  const std::int64_t busy_ns = processor_ns() - processor_before;
  const Result<std::optional<DeviceClock>> clock = ask_both_clocks(figures.samples);
  if (!clock) return tl::unexpected(clock.error());
  return BlockMessage{figures.start_ns, figures.elapsed_ns, busy_ns, static_cast<std::uint64_t>(figures.samples), 0, *clock};
}

/// A few calls behind the samples, so that reading the device's clock costs none of them.
Result<std::optional<DeviceClock>> Inference::ask_both_clocks(std::int64_t samples) {
  constexpr std::int64_t most_calls = 10;
  constexpr std::int64_t samples_a_call = 10;
  if (!caller_.has_placed()) return std::nullopt;
  std::vector<double> device_ms;
  std::vector<double> host_ms;
  for (std::int64_t call = std::clamp<std::int64_t>(samples / samples_a_call, 1, most_calls); call > 0; --call) {
    const std::int64_t before = measure::monotonic_ns();
    const Result<std::optional<std::int64_t>> device_ns = caller_.device_ns(next_batch_);
    const std::int64_t after = measure::monotonic_ns();
    step();
    if (!device_ns) return tl::unexpected(device_ns.error());
    if (!*device_ns) return std::nullopt;
    device_ms.push_back(1e-6 * static_cast<double>(**device_ns));
    host_ms.push_back(1e-6 * static_cast<double>(after - before));
  }
  return DeviceClock{measure::median(device_ms), measure::median(host_ms), static_cast<std::int64_t>(device_ms.size())};
}

Result<ThroughputFigures> Inference::throughput(const ThroughputRequest& request) {
  if (request.requests > requests_) {
    return fail(ErrorCode::wrong_use,
                fmt::format("the model was loaded for {} requests in flight, not for {}", requests_, request.requests));
  }
  while (static_cast<std::int64_t>(others_.size()) + 1 < request.requests) {
    Result<Caller> another = caller_.another();
    if (!another) return tl::unexpected(another.error());
    others_.push_back(std::move(*another));
  }
  fresh_ = false;
  for (std::size_t i = known_.size(); i < caller_.batches(); ++i) {
    const Result<std::span<const TensorView>> outputs = caller_.answer(i);
    if (!outputs) return tl::unexpected(outputs.error());
    known_.emplace_back(*outputs, precision_);
  }
  std::vector<Caller*> callers{&caller_};
  for (std::int64_t i = 1; i < request.requests; ++i) callers.push_back(&others_[static_cast<std::size_t>(i - 1)]);
  return RequestsInFlight(std::move(callers), known_).measure(request.duration);
}

}  // namespace podium::worker
