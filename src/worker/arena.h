#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace podium::worker {

/// The supervisor's end of the memory that a worker writes outputs and samples to. It cannot shrink, and what a worker names is checked
/// before it is read.
class Arena {
 public:
  [[nodiscard]] static Result<Arena> create();
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }
  /// A copy of a range that a reply names.
  [[nodiscard]] Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t bytes) const;

 private:
  UniqueFd fd_;
};

}  // namespace podium::worker
