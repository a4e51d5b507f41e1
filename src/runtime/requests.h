#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/tensor.h"

namespace podium::runtime {

/// One request of an engine with room for its tensors, so that a call of the same shape allocates nothing.
class Request {
 public:
  Request(std::unique_ptr<backend::Session> session, const std::vector<backend::InputSpec>& inputs);
  /// `inputs` in the model's order, of the shapes that it was loaded for. Outputs are valid until the next run.
  [[nodiscard]] Result<std::span<const Tensor>> run(std::span<const void* const> inputs);
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() { return session_->another(); }

 private:
  [[nodiscard]] std::span<const Tensor> show(std::span<const TensorView> outputs);

  std::unique_ptr<backend::Session> session_;
  std::vector<TensorView> inputs_;
  std::vector<Tensor> outputs_;
};

/// A variant loaded for inputs of certain shapes, and its requests. Grows by a request whenever a call had to wait for one, up to a
/// number, where the engine has more; else calls take turns.
class Requests {
 public:
  Requests(std::unique_ptr<backend::Session> first, std::vector<backend::InputSpec> inputs, std::int64_t most);

  /// A request for one call; given back when this is gone.
  class Lease {
   public:
    Lease(Requests& owner, std::unique_ptr<Request> request) : owner_(&owner), request_(std::move(request)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (request_) owner_->give_back(std::move(request_));
    }
    [[nodiscard]] Request& request() noexcept { return *request_; }

   private:
    Requests* owner_;
    std::unique_ptr<Request> request_;
  };
  [[nodiscard]] Lease lease();

  [[nodiscard]] const std::vector<backend::InputSpec>& inputs() const noexcept { return inputs_; }
  [[nodiscard]] std::int64_t size() const;

 private:
  void give_back(std::unique_ptr<Request> request) noexcept;
  void grow_from(Request& request);

  const std::vector<backend::InputSpec> inputs_;
  const std::int64_t most_;
  mutable std::mutex mutex_;  ///< over all below
  std::condition_variable came_back_;
  std::vector<std::unique_ptr<Request>> idle_;
  std::int64_t size_ = 1;
  bool engine_has_more_ = true;
};

}  // namespace podium::runtime
