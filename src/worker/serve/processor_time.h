#pragma once

#include <cstdint>

namespace podium::worker {

/// Processor time of this process so far, user and system, of all its threads.
[[nodiscard]] std::int64_t processor_ns() noexcept;

}  // namespace podium::worker
