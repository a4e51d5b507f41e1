#include "backends/tensorrt/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/tensorrt/audit.h"
#include "backends/tensorrt/narrow.h"

namespace podium::tensorrt {
namespace {

using cuda::Address;
using cuda::Owned;

void* pointer(Address address) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));  // NOLINT: TensorRT's functions take addresses so
}

}  // namespace

TensorRtSession::TensorRtSession(std::shared_ptr<LoadedEngine> engine, const backend::LoadRequest& request)
    : engine_(std::move(engine)),
      driver_(engine_->driver()),
      request_(request),
      uses_graph_(backend::flag(request.options, "cuda-graph")),
      narrowed_(engine_->inputs().size()) {}

TensorRtSession::~TensorRtSession() {
  (void)engine_->use_gpu();  // memory goes back to the GPU that it came from, whichever thread this is
}

Result<std::unique_ptr<backend::Session>> TensorRtSession::create(std::shared_ptr<LoadedEngine> engine,
                                                                  const backend::LoadRequest& request) {
  std::unique_ptr<TensorRtSession> session(new TensorRtSession(std::move(engine), request));
  if (auto ready = session->set_up(); !ready) return tl::unexpected(std::move(ready.error()));
  return std::unique_ptr<backend::Session>(std::move(session));
}

Result<void> TensorRtSession::set_up() {
  if (auto used = engine_->use_gpu(); !used) return used;
  auto stream = driver_.stream();
  auto before = driver_.event();
  auto after = driver_.event();
  if (!stream) return tl::unexpected(stream.error());
  if (!before || !after) return tl::unexpected(before ? after.error() : before.error());
  stream_ = std::move(*stream);
  before_ = std::move(*before);
  after_ = std::move(*after);
  auto context = engine_->context();
  if (!context) return tl::unexpected(context.error());
  context_ = std::move(*context);
  for (const Port& port : engine_->outputs()) {
    auto memory = driver_.memory(port.engine_bytes());
    auto host = driver_.host_memory(port.engine_bytes());
    if (!memory || !host) return tl::unexpected(memory ? host.error() : memory.error());
    views_.push_back({port.name, port.type, port.shape, static_cast<std::byte*>(host->get())});
    device_views_.push_back({port.name, port.type, port.shape, static_cast<std::byte*>(pointer(memory->get()))});
    if (!context_->setTensorAddress(port.name.c_str(), pointer(memory->get())))
      return fail(ErrorCode::failed, fmt::format("TensorRT refused memory for '{}': {}", port.name, engine_->take_errors()));
    outputs_.push_back(std::move(*memory));
    host_outputs_.push_back(std::move(*host));
  }
  if (request_.boundary == TimingBoundary::device) return {};
  auto batch = new_batch();
  if (!batch) return tl::unexpected(batch.error());
  unplaced_.emplace(std::move(*batch));
  return {};
}

Result<TensorRtSession::Batch> TensorRtSession::new_batch() {
  Batch batch;
  for (const Port& port : engine_->inputs()) {
    auto memory = driver_.memory(port.engine_bytes());
    if (!memory) return tl::unexpected(memory.error());
    batch.inputs.push_back(std::move(*memory));
  }
  return batch;
}

Result<void> TensorRtSession::copy_in(const Batch& batch, std::span<const TensorView> inputs, From from) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Port& port = engine_->inputs()[i];
    Result<void> copied;
    if (port.type == port.in_engine) {
      copied = from == From::host ? driver_.copy_in(batch.inputs[i].get(), inputs[i].data, port.engine_bytes(), stream_.get())
                                  : driver_.copy(pointer(batch.inputs[i].get()), inputs[i].data, port.engine_bytes(), stream_.get());
    } else if (from == From::host) {
      copied = copy_narrowed(batch, i, inputs[i]);
    } else {
      std::vector<std::byte> here(inputs[i].bytes());  // numbers are narrowed by the host
      if (auto fetched = copy(here.data(), inputs[i].data, here.size()); !fetched) return fetched;
      TensorView given = inputs[i];
      given.data = here.data();
      copied = copy_narrowed(batch, i, given);
    }
    if (!copied) return copied;
  }
  return {};
}

Result<void> TensorRtSession::copy_narrowed(const Batch& batch, std::size_t input, const TensorView& given) {
  if (auto fits = narrow(given, narrowed_[input]); !fits) return fits;
  return driver_.copy_in(batch.inputs[input].get(), narrowed_[input].data(), engine_->inputs()[input].engine_bytes(), stream_.get());
}

Result<void> TensorRtSession::copy_out() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const std::size_t bytes = engine_->outputs()[i].engine_bytes();
    if (auto copied = driver_.copy_out(host_outputs_[i].get(), outputs_[i].get(), bytes, stream_.get()); !copied) return copied;
  }
  return {};
}

Result<void> TensorRtSession::enqueue_kernels(const Batch& batch) {
  if (std::exchange(bound_, &batch) != &batch) {
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      const std::string& name = engine_->inputs()[i].name;
      if (!context_->setTensorAddress(name.c_str(), pointer(batch.inputs[i].get())))
        return fail(ErrorCode::failed, fmt::format("TensorRT refused memory for '{}': {}", name, engine_->take_errors()));
    }
  }
  if (context_->enqueueV3(stream_.get())) return {};
  return fail(ErrorCode::failed, fmt::format("TensorRT failed while running the model: {}", engine_->take_errors()));
}

/// The first inference sets kernels up, which no graph may hold.
Result<void> TensorRtSession::make_ready(Batch& batch) {
  if (auto ran = enqueue_kernels(batch); !ran) return ran;
  if (auto done = driver_.synchronize(stream_.get()); !done) return done;
  if (uses_graph_) {
    if (auto recorded = record(batch); !recorded) return recorded;
  }
  batch.is_ready = true;
  return {};
}

Result<void> TensorRtSession::record(Batch& batch) {
  if (auto begun = driver_.begin_capture(stream_.get()); !begun) return begun;
  const auto ran = enqueue_kernels(batch);
  auto graph = driver_.end_capture(stream_.get());
  if (!ran || !graph) {
    const Error& why = ran ? graph.error() : ran.error();
    return fail(ErrorCode::unsupported, fmt::format("this model's kernels cannot be recorded as a graph: {}", why.message),
                "--set tensorrt.cuda-graph=off");
  }
  batch.graph = std::move(*graph);
  return {};
}

Result<void> TensorRtSession::enqueue(const Batch& batch) {
  return uses_graph_ ? driver_.launch(batch.graph.get(), stream_.get()) : enqueue_kernels(batch);
}

Result<std::span<const TensorView>> TensorRtSession::run(std::span<const TensorView> inputs) {
  if (auto ran = run_copied(inputs, From::host); !ran) return tl::unexpected(ran.error());
  if (auto copied = copy_out(); !copied) return tl::unexpected(copied.error());
  return std::span<const TensorView>(views_);
}

Result<void> TensorRtSession::run_copied(std::span<const TensorView> inputs, From from) {
  if (!unplaced_) return fail(ErrorCode::wrong_use, "it was loaded for inputs that are placed before");
  if (auto checked = backend::check_run_inputs(request_.inputs, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  if (auto used = engine_->use_gpu(); !used) return used;
  if (auto copied = copy_in(*unplaced_, inputs, from); !copied) return copied;
  if (!unplaced_->is_ready) {
    if (auto ready = make_ready(*unplaced_); !ready) return ready;
  }
  return enqueue(*unplaced_);
}

/// Whether inputs in the GPU's memory cannot be read where they lie.
bool TensorRtSession::needs_copies() const {
  const auto& ports = engine_->inputs();
  return uses_graph_ || std::any_of(ports.begin(), ports.end(), [](const Port& port) { return port.type != port.in_engine; });
}

Result<void> TensorRtSession::run_lent(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(request_.inputs, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  if (auto used = engine_->use_gpu(); !used) return used;
  lent_.inputs.resize(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto address = static_cast<Address>(reinterpret_cast<std::uintptr_t>(inputs[i].data));
    if (lent_.inputs[i].get() == address) continue;
    lent_.inputs[i] = Owned<Address>(address, nullptr);
    bound_ = nullptr;
  }
  return enqueue_kernels(lent_);
}

Result<std::span<const TensorView>> TensorRtSession::run_on_device(std::span<const TensorView> inputs) {
  if (auto ran = needs_copies() ? run_copied(inputs, From::device) : run_lent(inputs); !ran) return tl::unexpected(ran.error());
  return std::span<const TensorView>(device_views_);
}

Result<void> TensorRtSession::copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (auto used = engine_->use_gpu(); !used) return used;
  if (auto copied = driver_.copy(to, from, bytes, stream_.get()); !copied) return copied;
  return driver_.synchronize(stream_.get());
}

Result<void> TensorRtSession::synchronize() {
  return driver_.synchronize(stream_.get());
}

Result<std::size_t> TensorRtSession::place(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(request_.inputs, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  if (auto used = engine_->use_gpu(); !used) return tl::unexpected(used.error());
  auto made = new_batch();
  if (!made) return tl::unexpected(made.error());
  auto batch = std::make_unique<Batch>(std::move(*made));
  if (auto copied = copy_in(*batch, inputs, From::host); !copied) return tl::unexpected(copied.error());
  if (auto ready = make_ready(*batch); !ready) {
    bound_ = nullptr;  // it goes with its batch
    return tl::unexpected(ready.error());
  }
  if (auto done = driver_.synchronize(stream_.get()); !done) return tl::unexpected(done.error());
  placed_.push_back(std::move(batch));
  return placed_.size() - 1;
}

Result<void> TensorRtSession::run_placed(std::size_t batch) {
  if (batch >= placed_.size()) return fail(ErrorCode::wrong_use, "no such batch was placed");
  if (auto used = engine_->use_gpu(); !used) return used;
  return enqueue(*placed_[batch]);
}

Result<std::span<const TensorView>> TensorRtSession::fetch() {
  if (auto used = engine_->use_gpu(); !used) return tl::unexpected(used.error());
  if (auto copied = copy_out(); !copied) return tl::unexpected(copied.error());
  if (auto done = driver_.synchronize(stream_.get()); !done) return tl::unexpected(done.error());
  return std::span<const TensorView>(views_);
}

Result<std::optional<std::int64_t>> TensorRtSession::device_ns(std::size_t batch) {
  if (auto recorded = driver_.record(before_.get(), stream_.get()); !recorded) return tl::unexpected(recorded.error());
  if (auto ran = run_placed(batch); !ran) return tl::unexpected(ran.error());
  if (auto recorded = driver_.record(after_.get(), stream_.get()); !recorded) return tl::unexpected(recorded.error());
  if (auto done = driver_.synchronize(stream_.get()); !done) return tl::unexpected(done.error());
  const auto took = driver_.elapsed_ns(before_.get(), after_.get());
  if (!took) return tl::unexpected(took.error());
  return std::optional(*took);
}

Result<Audit> TensorRtSession::audit() {
  const auto told = engine_->inspect();
  if (!told) return tl::unexpected(told.error());
  return audit_layers(*told, request_.precision);
}

Result<std::unique_ptr<backend::Session>> TensorRtSession::another() {
  return create(engine_, request_);
}

}  // namespace podium::tensorrt
