#include "worker/serve/shared_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace podium::worker {

namespace {

tl::unexpected<Error> cannot_map(const char* what) {
  return fail(ErrorCode::failed, fmt::format("cannot map the {} into memory: {}", what, std::generic_category().message(errno)));
}

std::byte* bytes_of(void* address) {
  return static_cast<std::byte*>(address);
}

}  // namespace

Result<InputMap> InputMap::open(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return cannot_map("inputs");
  if (status.st_size == 0) return InputMap(std::span<std::byte>());
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
  if (address == MAP_FAILED) return cannot_map("inputs");
  return InputMap({bytes_of(address), size});
}

InputMap::InputMap(InputMap&& other) noexcept : memory_(std::exchange(other.memory_, {})) {}

InputMap::~InputMap() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

std::byte* InputMap::at(std::uint64_t offset, std::uint64_t bytes) const noexcept {
  if (offset > memory_.size() || bytes > memory_.size() - offset) return nullptr;
  return memory_.data() + offset;
}

ArenaMap::~ArenaMap() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

Result<void> ArenaMap::reserve(std::uint64_t bytes) {
  if (bytes <= memory_.size()) return {};
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // Doubling, so that outputs of many batches do not map the arena anew for each.
  const std::uint64_t size = (std::max<std::uint64_t>(bytes, 2 * memory_.size()) + page - 1) / page * page;
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return cannot_map("arena");
  void* address = memory_.empty() ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0)
                                  : ::mremap(memory_.data(), memory_.size(), size, MREMAP_MAYMOVE);
  if (address == MAP_FAILED) return cannot_map("arena");
  memory_ = {bytes_of(address), size};
  return {};
}

Result<std::span<std::uint64_t>> ArenaMap::sample_buffer(std::uint64_t count) {
  const std::uint64_t bytes = count * sizeof(std::uint64_t);
  if (auto reserved = reserve(bytes); !reserved) return tl::unexpected(reserved.error());
  const std::span<std::uint64_t> samples(reinterpret_cast<std::uint64_t*>(memory_.data()), count);
  std::fill(samples.begin(), samples.end(), 0);
  ::mlock(samples.data(), bytes);  // may be refused to a user without the right; then they are present, if not locked
  return samples;
}

}  // namespace podium::worker
