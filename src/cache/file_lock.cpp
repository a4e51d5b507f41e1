#include "cache/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "cache/entry_place.h"

namespace podium::cache {

namespace {

UniqueFd open_lock_file(const std::filesystem::path& file) {
  return UniqueFd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
}

int operation(LockMode mode) {
  return mode == LockMode::shared ? LOCK_SH : LOCK_EX;
}

enum class Attempt { locked, busy, refused };

Attempt try_lock(int fd, LockMode mode) {
  while (::flock(fd, operation(mode) | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Attempt::busy;
    if (errno != EINTR) return Attempt::refused;
  }
  return Attempt::locked;
}

/// Waits a little; true where the stop was asked for meanwhile.
bool cancelled_while_waiting(const CancelToken* cancel, int milliseconds) {
  pollfd descriptor{cancel != nullptr ? cancel->descriptor() : -1, POLLIN, 0};
  return ::poll(&descriptor, 1, milliseconds) > 0;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& file, LockMode mode, const CancelToken* cancel) {
  int wait_ms = 5;
  while (true) {
    FileLock lock(open_lock_file(file), file);
    if (!lock.fd_) return storage_error("open", file, errno);
    Attempt attempt = try_lock(lock.fd_.get(), mode);
    // Asked again and again instead of once for good: a blocked flock() cannot watch the cancel token.
    while (attempt == Attempt::busy) {
      if (cancelled_while_waiting(cancel, wait_ms))
        return fail(ErrorCode::cancelled, "stopped while waiting for another run that makes the same file");
      wait_ms = std::min(2 * wait_ms, 100);
      attempt = try_lock(lock.fd_.get(), mode);
    }
    if (attempt == Attempt::refused) return storage_error("lock", file, errno);
    if (lock.still_in_place()) return lock;
  }
}

std::optional<FileLock> FileLock::try_exclusive(const std::filesystem::path& file) {
  FileLock lock(open_lock_file(file), file);
  const bool locked = lock.fd_ && try_lock(lock.fd_.get(), LockMode::exclusive) == Attempt::locked && lock.still_in_place();
  if (!locked) return std::nullopt;
  return lock;
}

Result<void> FileLock::downgrade() {
  while (::flock(fd_.get(), LOCK_SH) != 0) {
    if (errno != EINTR) return storage_error("lock", file_, errno);
  }
  return {};
}

void FileLock::touch() const noexcept {
  // The clock is read here since the kernel's own "now" for files moves in steps of milliseconds.
  std::array<timespec, 2> times{};
  ::clock_gettime(CLOCK_REALTIME, &times[0]);
  times[1] = times[0];
  ::futimens(fd_.get(), times.data());
}

/// False where the holder before us removed the file: a later run then locks another file of that name.
bool FileLock::still_in_place() const noexcept {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd_.get(), &ours) == 0 && ::stat(file_.c_str(), &named) == 0 && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

}  // namespace podium::cache
