#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "core/tensor_view.h"

namespace podium::worker {

using Batch = std::vector<TensorView>;

/// A session and its inputs, where the timing boundary wants them: in the caller's memory, or placed on the device once.
class Caller {
 public:
  [[nodiscard]] static Result<Caller> make(std::unique_ptr<backend::Session> session, std::shared_ptr<const std::vector<Batch>> batches,
                                           TimingBoundary boundary);

  /// What is timed: runs one batch and waits for it.
  [[nodiscard]] Result<void> run(std::size_t batch);
  /// The outputs of the last run, readable; valid until the next.
  [[nodiscard]] Result<std::span<const TensorView>> outputs();
  [[nodiscard]] Result<std::span<const TensorView>> answer(std::size_t batch);
  /// As run(), by the device's own clock; only where has_placed().
  [[nodiscard]] Result<std::optional<std::int64_t>> device_ns(std::size_t batch) { return session_->device_ns(placed_[batch]); }

  /// One more request on the same model, with the same inputs.
  [[nodiscard]] Result<Caller> another();
  [[nodiscard]] bool has_placed() const noexcept { return boundary_ == TimingBoundary::device; }
  [[nodiscard]] std::size_t batches() const noexcept { return batches_->size(); }
  [[nodiscard]] backend::Session& session() const noexcept { return *session_; }

 private:
  Caller(std::unique_ptr<backend::Session> session, std::shared_ptr<const std::vector<Batch>> batches, TimingBoundary boundary)
      : session_(std::move(session)), batches_(std::move(batches)), boundary_(boundary) {}

  std::unique_ptr<backend::Session> session_;
  std::shared_ptr<const std::vector<Batch>> batches_;
  TimingBoundary boundary_;
  std::vector<std::size_t> placed_;      ///< the session's numbers of the batches, at the device boundary
  std::span<const TensorView> outputs_;  ///< of the last run, at the host boundary
};

}  // namespace podium::worker
