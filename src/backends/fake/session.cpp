#include "backends/fake/session.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "backends/api/request_check.h"
#include "backends/fake/device_memory.h"

namespace podium::fake {

namespace {

std::int64_t rows_of(const std::vector<backend::InputSpec>& inputs) {
  const bool has_rows = !inputs.empty() && !inputs.front().shape.empty();
  return has_rows ? inputs.front().shape.front() : 1;
}

void spin(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
  }
}

}  // namespace

FakeSession::FakeSession(const backend::LoadRequest& request, Faults faults, std::shared_ptr<SharedEngine> engine)
    : request_(request),
      inputs_(request.inputs),
      engine_(std::move(engine)),
      faults_(std::move(faults)),
      pace_(request.options),
      answer_(request.options, rows_of(request.inputs)),
      faults_wait_(faults_.any_at_run()),
      clock_percent_(backend::integer(request.options, "device-clock-percent")),
      after_calls_(backend::integer(request.options, "after-calls")) {
  for (std::int64_t i = 0; i < backend::integer(request.options, "spinning-threads"); ++i) spinners_.emplace_back(spin);
}

Result<std::span<const TensorView>> FakeSession::run(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(inputs_, inputs); !checked) return tl::unexpected(checked.error());
  if (faults_wait_) {
    if (auto struck = strike_when_due(inputs.empty() ? nullptr : inputs.front().data); !struck) return tl::unexpected(struck.error());
  }
  engine_->begin();
  pace_.start();
  const std::span<const TensorView> outputs = answer_.compute(inputs);
  engine_->pass_through(outputs.front());
  return outputs;
}

/// A backend is not told what its inferences are for: answers take each batch once, so a batch that comes again is being measured.
Result<void> FakeSession::strike_when_due(const std::byte* input) {
  const bool measuring = !seen_.insert(input).second || calls_measuring_ > 0;
  std::int64_t& calls = measuring ? calls_measuring_ : calls_answering_;
  if (calls++ != after_calls_) return {};
  return faults_.strike(measuring ? Moment::measure : Moment::answers);
}

Result<void> FakeSession::synchronize() {
  pace_.finish();
  engine_->end();
  return {};
}

Result<std::size_t> FakeSession::place(std::span<const TensorView> inputs) {
  if (!is_on_device()) return backend::Session::place(inputs);
  placed_.emplace_back(inputs);
  return placed_.size() - 1;
}

Result<void> FakeSession::run_placed(std::size_t batch) {
  if (batch >= placed_.size()) return fail(ErrorCode::wrong_use, "no such batch was placed");
  const Result<std::span<const TensorView>> outputs = run(placed_[batch].views());
  if (!outputs) return tl::unexpected(outputs.error());
  unfetched_ = *outputs;
  return {};
}

Result<std::span<const TensorView>> FakeSession::fetch() {
  fetched_ = Copies(unfetched_);
  return fetched_.views();
}

Result<std::span<const TensorView>> FakeSession::run_on_device(std::span<const TensorView> inputs) {
  std::vector<TensorView> here(inputs.begin(), inputs.end());
  for (TensorView& input : here) {
    if (!is_on_device() || !fake::is_on_device(input.data)) return fail(ErrorCode::failed, "an input does not lie in the fake's GPU");
    input.data = to_host(input.data);
  }
  const Result<std::span<const TensorView>> outputs = run(here);
  if (!outputs) return outputs;
  device_outputs_.assign(outputs->begin(), outputs->end());
  for (TensorView& output : device_outputs_) output.data = to_device(output.data);
  return std::span<const TensorView>(device_outputs_);
}

Result<void> FakeSession::copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  std::memcpy(to_host(to), to_host(from), bytes);
  return {};
}

Result<std::optional<std::int64_t>> FakeSession::device_ns(std::size_t batch) {
  const auto before = std::chrono::steady_clock::now();
  if (auto run = run_placed(batch); !run) return tl::unexpected(run.error());
  if (auto done = synchronize(); !done) return tl::unexpected(done.error());
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - before);
  if (clock_percent_ == 0) return std::nullopt;
  return std::max<std::int64_t>(1, took.count() * clock_percent_ / 100);
}

/// Faults are the first request's alone.
Result<std::unique_ptr<backend::Session>> FakeSession::another() {
  if (backend::flag(request_.options, "single-request")) return backend::Session::another();
  backend::LoadRequest request = request_;
  request.options["spinning-threads"] = std::int64_t{0};
  return std::make_unique<FakeSession>(request, Faults(request.options), engine_);
}

Result<Audit> FakeSession::audit() {
  Audit audit;
  audit.providers = {{"fake", 1}};
  audit.compute_types = {{"float32", 1}};
  audit.fallback_share = 0.0;
  audit.int8_share = 0.0;
  audit.fused_nodes = 0;
  return audit;
}

}  // namespace podium::fake
