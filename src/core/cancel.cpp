#include "podium/cancel.h"

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "core/unique_fd.h"
#include "podium/error.h"

namespace podium {

struct CancelToken::State {
  UniqueFd event;
  std::atomic<bool> requested = false;
};

// A signal handler may store to it only where the store takes no lock.
static_assert(std::atomic<bool>::is_always_lock_free);

CancelToken::CancelToken() : state_(std::make_shared<State>()) {
  state_->event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state_->event) {
    throw Exception({ErrorCode::io, "no event descriptor could be opened", "close some files, or raise the limit with 'ulimit -n'"});
  }
}

void CancelToken::request() const noexcept {
  const int saved = errno;
  state_->requested.store(true);
  const std::uint64_t one = 1;
  // A full counter already reads as "requested", so a refused write loses nothing.
  [[maybe_unused]] const ssize_t written = ::write(state_->event.get(), &one, sizeof one);
  errno = saved;
}

bool CancelToken::requested() const noexcept {
  return state_->requested.load();
}

int CancelToken::descriptor() const noexcept {
  return state_->event.get();
}

}  // namespace podium
