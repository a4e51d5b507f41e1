#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "backends/api/device_session.h"
#include "core/result.h"
#include "podium/tensor.h"

namespace podium::runtime {

/// Tensor::device() of memory that the program itself can read.
inline constexpr const char* host_device = "cpu";

/// One request of an engine with room for its tensors, so that a call of the same shape allocates nothing.
class Request {
 public:
  Request(std::unique_ptr<backend::Session> session, const std::vector<backend::InputSpec>& inputs);
  /// `inputs` in the model's order, of the shapes that it was loaded for, all on `device`: the host ("cpu"), or what the engine runs on.
  /// Outputs lie where the inputs do, and are valid until the next run.
  [[nodiscard]] Result<std::span<const Tensor>> run(std::span<const void* const> inputs, const std::string& device);
  /// As many bytes as `from` has, between the host and what the engine runs on, or within either.
  [[nodiscard]] Result<void> copy(Tensor& to, const Tensor& from);
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() { return session_->another(); }

 private:
  [[nodiscard]] std::span<const Tensor> show(std::span<const TensorView> outputs, const std::string& device);

  std::unique_ptr<backend::Session> session_;
  backend::DeviceSession* on_device_;  ///< the same, where it takes inputs in its device's memory
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
