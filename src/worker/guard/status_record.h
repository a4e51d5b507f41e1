#pragma once

#include <cstdint>

namespace podium::worker {

/// What podium-guard tells its supervisor through the status pipe, in the machine's own byte order.
struct StatusRecord {
  enum class Kind : std::int32_t {
    started,      ///< `value` is the program's process id
    not_started,  ///< `value` is the errno of exec
    ended,        ///< `value` is the exit code, or `signal` is the signal that ended it; every descendant is gone
  };
  Kind kind = Kind::started;
  std::int32_t value = 0;
  std::int32_t signal = 0;  ///< 0: none
};

}  // namespace podium::worker
