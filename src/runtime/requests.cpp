#include "runtime/requests.h"

#include <cstring>
#include <utility>

namespace podium::runtime {
namespace {

bool is_shown(const Tensor& shown, const TensorView& output, const std::string& device) {
  return shown.data() == output.data && shown.type() == output.type && shown.shape() == output.shape && shown.device() == device;
}

tl::unexpected<Error> refuse_device(const std::string& device) {
  return fail(ErrorCode::unsupported, "this engine reads and writes tensors in the host's memory only, and one lies on " + device,
              "copy it to the host first");
}

}  // namespace

Request::Request(std::unique_ptr<backend::Session> session, const std::vector<backend::InputSpec>& inputs)
    : session_(std::move(session)), on_device_(dynamic_cast<backend::DeviceSession*>(session_.get())) {
  for (const backend::InputSpec& input : inputs) inputs_.push_back({input.name, input.type, input.shape, nullptr});
}

Result<std::span<const Tensor>> Request::run(std::span<const void* const> inputs, const std::string& device) {
  const bool is_host = device == host_device;
  if (!is_host && on_device_ == nullptr) return refuse_device(device);
  // Engines take inputs by a pointer to writable memory and do not write to it.
  for (std::size_t i = 0; i < inputs_.size(); ++i) inputs_[i].data = static_cast<std::byte*>(const_cast<void*>(inputs[i]));
  const Result<std::span<const TensorView>> outputs = is_host ? session_->run(inputs_) : on_device_->run_on_device(inputs_);
  if (!outputs) return tl::unexpected(outputs.error());
  if (auto done = session_->synchronize(); !done) return tl::unexpected(done.error());
  return show(*outputs, device);
}

/// Most engines answer into the same memory each time: then nothing is to be done.
std::span<const Tensor> Request::show(std::span<const TensorView> outputs, const std::string& device) {
  outputs_.resize(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_shown(outputs_[i], outputs[i], device)) continue;
    outputs_[i] = Tensor::view(outputs[i].name, outputs[i].type, outputs[i].shape, outputs[i].data, device);
  }
  return outputs_;
}

Result<void> Request::copy(Tensor& to, const Tensor& from) {
  if (from.bytes() == 0) return {};
  if (to.device() == host_device && from.device() == host_device) {
    std::memcpy(to.mutable_data(), from.data(), from.bytes());
    return {};
  }
  if (on_device_ == nullptr) return refuse_device(to.device() == host_device ? from.device() : to.device());
  return on_device_->copy(static_cast<std::byte*>(to.mutable_data()), static_cast<const std::byte*>(from.data()), from.bytes());
}

Requests::Requests(std::unique_ptr<backend::Session> first, std::vector<backend::InputSpec> inputs, std::int64_t most)
    : inputs_(std::move(inputs)), most_(most) {
  idle_.push_back(std::make_unique<Request>(std::move(first), inputs_));
}

Requests::Lease Requests::lease() {
  std::unique_lock lock(mutex_);
  const bool waits = idle_.empty();
  came_back_.wait(lock, [this] { return !idle_.empty(); });
  std::unique_ptr<Request> request = std::move(idle_.back());
  idle_.pop_back();
  const bool grows = waits && engine_has_more_ && size_ < most_;
  if (grows) ++size_;
  lock.unlock();
  if (grows) grow_from(*request);
  return {*this, std::move(request)};
}

/// Asked of a request that this call has to itself, since a session serves one thread at a time.
void Requests::grow_from(Request& request) {
  Result<std::unique_ptr<backend::Session>> more = request.another();
  auto made = more ? std::make_unique<Request>(std::move(*more), inputs_) : nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (made)
      idle_.push_back(std::move(made));
    else {
      --size_;
      engine_has_more_ = false;
    }
  }
  came_back_.notify_one();
}

void Requests::give_back(std::unique_ptr<Request> request) noexcept {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(request));
  }
  came_back_.notify_one();
}

std::int64_t Requests::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace podium::runtime
