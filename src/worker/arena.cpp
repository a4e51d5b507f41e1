#include "worker/arena.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace podium::worker {

namespace {

tl::unexpected<Error> outside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t size) {
  return fail(ErrorCode::failed, fmt::format("the worker names {} bytes at {} of a memory of {} bytes", bytes, offset, size));
}

bool is_inside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t size) {
  return offset <= size && bytes <= size - offset;
}

}  // namespace

Arena::Arena(Arena&& other) noexcept : fd_(std::move(other.fd_)), memory_(std::exchange(other.memory_, {})) {}

Arena::~Arena() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

Result<Arena> Arena::create() {
  Arena arena;
  arena.fd_.reset(::memfd_create("podium-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (arena.fd_ && ::fcntl(arena.fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0) return arena;
  return fail(ErrorCode::io, fmt::format("cannot make shared memory for a worker: {}", std::generic_category().message(errno)));
}

Result<std::vector<std::byte>> Arena::read(std::uint64_t offset, std::uint64_t bytes) const {
  const Result<std::uint64_t> held = size();
  if (!held) return tl::unexpected(held.error());
  if (!is_inside(offset, bytes, *held)) return outside(offset, bytes, *held);
  std::vector<std::byte> copy(bytes);
  for (std::uint64_t done = 0; done < bytes;) {
    const ssize_t count = ::pread(fd_.get(), copy.data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::io, "cannot read the memory shared with a worker");
    done += static_cast<std::uint64_t>(count);
  }
  return copy;
}

Result<std::uint64_t> Arena::size() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) == 0) return static_cast<std::uint64_t>(status.st_size);
  return fail(ErrorCode::io, fmt::format("cannot look at the memory shared with a worker: {}", std::generic_category().message(errno)));
}

Result<std::span<const std::byte>> Arena::view() {
  const Result<std::uint64_t> held = size();
  if (!held) return tl::unexpected(held.error());
  if (*held == memory_.size()) return memory_;
  void* address = memory_.empty() ? ::mmap(nullptr, *held, PROT_READ, MAP_SHARED, fd_.get(), 0)
                                  : ::mremap(memory_.data(), memory_.size(), *held, MREMAP_MAYMOVE);
  if (address == MAP_FAILED) {
    return fail(ErrorCode::io, fmt::format("cannot map the memory shared with a worker: {}", std::generic_category().message(errno)));
  }
  memory_ = {static_cast<std::byte*>(address), *held};
  return memory_;
}

Result<std::span<const std::byte>> part_of(std::span<const std::byte> arena, std::uint64_t offset, std::uint64_t bytes) {
  if (!is_inside(offset, bytes, arena.size())) return outside(offset, bytes, arena.size());
  return arena.subspan(offset, bytes);
}

}  // namespace podium::worker
