#include "worker/serve/processor_time.h"

#include <ctime>

namespace podium::worker {

std::int64_t processor_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace podium::worker
