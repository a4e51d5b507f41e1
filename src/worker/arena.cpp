#include "worker/arena.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace podium::worker {

Result<Arena> Arena::create() {
  Arena arena;
  arena.fd_.reset(::memfd_create("podium-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (arena.fd_ && ::fcntl(arena.fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0) return arena;
  return fail(ErrorCode::io, fmt::format("cannot make shared memory for a worker: {}", std::generic_category().message(errno)));
}

Result<std::vector<std::byte>> Arena::read(std::uint64_t offset, std::uint64_t bytes) const {
  struct stat status {};
  const bool known = ::fstat(fd_.get(), &status) == 0;
  const auto size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (offset > size || bytes > size - offset) {
    return fail(ErrorCode::failed, fmt::format("the worker names {} bytes at {} of a memory of {} bytes", bytes, offset, size));
  }
  std::vector<std::byte> copy(bytes);
  for (std::uint64_t done = 0; done < bytes;) {
    const ssize_t count = ::pread(fd_.get(), copy.data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::io, "cannot read the memory shared with a worker");
    done += static_cast<std::uint64_t>(count);
  }
  return copy;
}

}  // namespace podium::worker
