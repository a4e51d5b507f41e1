#include "worker/serve/caller.h"

#include <utility>

namespace podium::worker {

Result<Caller> Caller::make(std::unique_ptr<backend::Session> session, std::shared_ptr<const std::vector<Batch>> batches,
                            TimingBoundary boundary) {
  Caller caller(std::move(session), std::move(batches), boundary);
  if (boundary == TimingBoundary::host) return caller;
  for (const Batch& batch : *caller.batches_) {
    const Result<std::size_t> number = caller.session_->place(batch);
    if (!number) return tl::unexpected(number.error());
    caller.placed_.push_back(*number);
  }
  return caller;
}

Result<void> Caller::run(std::size_t batch) {
  if (has_placed()) {
    if (auto started = session_->run_placed(placed_[batch]); !started) return started;
    return session_->synchronize();
  }
  const Result<std::span<const TensorView>> outputs = session_->run((*batches_)[batch]);
  if (!outputs) return tl::unexpected(outputs.error());
  outputs_ = *outputs;
  return session_->synchronize();
}

Result<std::span<const TensorView>> Caller::outputs() {
  if (has_placed()) return session_->fetch();
  return outputs_;
}

Result<std::span<const TensorView>> Caller::answer(std::size_t batch) {
  if (auto done = run(batch); !done) return tl::unexpected(done.error());
  return outputs();
}

Result<Caller> Caller::another() {
  Result<std::unique_ptr<backend::Session>> session = session_->another();
  if (!session) return tl::unexpected(session.error());
  return make(std::move(*session), batches_, boundary_);
}

}  // namespace podium::worker
