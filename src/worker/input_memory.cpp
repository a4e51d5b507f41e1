#include "worker/input_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::worker {

namespace {

constexpr std::uint64_t alignment = 64;

std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

tl::unexpected<Error> cannot_share(int error) {
  return fail(ErrorCode::io, fmt::format("cannot hold the inputs in shared memory: {}", std::generic_category().message(error)),
              "free some memory, or take a smaller --batch");
}

UniqueFd make_memory() {
  return UniqueFd(::memfd_create("podium-inputs", MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

/// 0, or the errno of the write that was refused.
int write_at(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

Result<void> check(const InputLayout& input, std::size_t given_bytes) {
  const std::size_t expected = element_count(input.shape) * size_of(input.type);
  if (given_bytes == expected) return {};
  return fail(ErrorCode::bad_input, fmt::format("input '{}' of type {} and shape {} takes {} bytes, {} were given", printable(input.name),
                                                to_string(input.type), to_string(input.shape), expected, given_bytes));
}

}  // namespace

Result<InputMemory> InputMemory::create(std::vector<InputLayout> layout,
                                        const std::vector<std::vector<std::span<const std::byte>>>& batches) {
  InputMemory memory;
  memory.fd_ = make_memory();
  if (!memory.fd_) return cannot_share(errno);
  for (InputLayout& input : layout) input.offsets.clear();
  std::uint64_t offset = 0;
  for (const std::vector<std::span<const std::byte>>& batch : batches) {
    if (batch.size() != layout.size()) {
      return fail(ErrorCode::bad_input, fmt::format("a batch has {} inputs, the model takes {}", batch.size(), layout.size()));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (auto checked = check(layout[i], batch[i].size()); !checked) return tl::unexpected(checked.error());
      if (const int error = write_at(memory.fd_.get(), batch[i], offset); error != 0) return cannot_share(error);
      layout[i].offsets.push_back(offset);
      offset = aligned(offset + batch[i].size());
    }
  }
  if (::ftruncate(memory.fd_.get(), static_cast<off_t>(offset)) != 0) return cannot_share(errno);
  // Every worker maps the same pages: none may change what the others read.
  if (::fcntl(memory.fd_.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return cannot_share(errno);
  memory.layout_ = std::move(layout);
  return memory;
}

Result<InputMemory> InputMemory::create_rewritable(std::vector<InputLayout> layout) {
  InputMemory memory;
  memory.fd_ = make_memory();
  if (!memory.fd_) return cannot_share(errno);
  std::uint64_t end = 0;
  for (InputLayout& input : layout) {
    input.offsets = {end};
    end = aligned(end + element_count(input.shape) * size_of(input.type));
  }
  if (::ftruncate(memory.fd_.get(), static_cast<off_t>(end)) != 0) return cannot_share(errno);
  if (::fcntl(memory.fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return cannot_share(errno);
  memory.layout_ = std::move(layout);
  return memory;
}

Result<void> InputMemory::rewrite(const std::vector<std::vector<std::byte>>& inputs) {
  if (inputs.size() != layout_.size()) {
    return fail(ErrorCode::bad_input, fmt::format("a batch has {} inputs, the model takes {}", inputs.size(), layout_.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (auto checked = check(layout_[i], inputs[i].size()); !checked) return checked;
    if (const int error = write_at(fd_.get(), inputs[i], layout_[i].offsets.front()); error != 0) return cannot_share(error);
  }
  return {};
}

InputMemory InputMemory::empty() {
  InputMemory memory;
  memory.fd_ = make_memory();
  return memory;
}

}  // namespace podium::worker
