#include "backends/fake/shared_engine.h"

#include <cstring>
#include <utility>

#include "backends/api/request_check.h"

namespace podium::fake {

SharedEngine::SharedEngine(const OptionValues& options)
    : places_(backend::integer(options, "parallel")), mixes_(backend::flag(options, "mixed-answers")) {}

void SharedEngine::begin() {
  std::unique_lock lock(mutex_);
  const std::int64_t ticket = begun_++;
  place_is_free_.wait(lock, [this, ticket] { return places_ == 0 || ticket < ended_ + places_; });
}

void SharedEngine::end() {
  {
    const std::lock_guard lock(mutex_);
    ++ended_;
  }
  place_is_free_.notify_all();
}

void SharedEngine::pass_through(const TensorView& answer) {
  if (!mixes_) return;
  const std::lock_guard lock(mutex_);
  std::vector<std::byte> own(answer.data, answer.data + answer.bytes());
  if (begun_ - ended_ > 1 && previous_.size() == own.size()) std::memcpy(answer.data, previous_.data(), previous_.size());
  previous_ = std::move(own);
}

}  // namespace podium::fake
