#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/unique_fd.h"
#include "podium/cancel.h"
#include "worker/deadline.h"
#include "worker/guarded_process.h"
#include "worker/memory_watch.h"
#include "worker/protocol.h"
#include "worker/worker.h"

namespace podium::worker {

/// How one request is waited for.
struct CallRules {
  std::string doing;  ///< for the error: "loading the model"
  Seconds timeout{60};
  Seconds quiet{0};    ///< for so long the worker measures, and is not disturbed by a look at its memory
  std::string remedy;  ///< where the time-out is reached
};

/// A running worker and the socket to it: asks, waits, and tells how it failed. Once it has failed it is dead and every call repeats why.
class Link {
 public:
  Link(GuardedProcess process, UniqueFd socket, std::int64_t memory_limit, std::filesystem::path log, CancelToken cancel);

  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  [[nodiscard]] Outcome<nlohmann::json> call(const nlohmann::json& request, const CallRules& rules);
  /// Whether the model that is loaded next computes on a device, whose memory its engine knows best.
  void loads_on_device(bool on_device) noexcept { on_device_ = on_device; }
  void pause();
  void resume();
  [[nodiscard]] std::int64_t memory_bytes() const;
  [[nodiscard]] std::int64_t peak_memory_bytes() const;
  [[nodiscard]] std::optional<std::int64_t> private_memory_bytes();
  [[nodiscard]] std::optional<std::int64_t> peak_private_memory_bytes() const;
  [[nodiscard]] int pid() const noexcept { return process_.pid(); }
  [[nodiscard]] bool is_alive() const noexcept { return !ended_.has_value(); }
  /// An answer that makes no sense: the worker cannot be trusted any further and ends.
  [[nodiscard]] WorkerError end_for_nonsense(const Error& error);
  /// Asks it to quit; kills what has not gone after a moment.
  void quit();

 private:
  struct Waiting;
  [[nodiscard]] Outcome<nlohmann::json> wait_for_reply(const CallRules& rules);
  [[nodiscard]] std::optional<WorkerError> check(Waiting& waiting, const CallRules& rules);
  void poll_events(const Waiting& waiting) const;
  void send_pending();
  void receive();
  [[nodiscard]] Outcome<nlohmann::json> decode(const std::string& message, const CallRules& rules);
  [[nodiscard]] WorkerError end(WorkerError error);

  GuardedProcess process_;
  UniqueFd socket_;
  MemoryWatch memory_;
  std::filesystem::path log_;
  CancelToken cancel_;
  std::string outgoing_;
  FrameReader incoming_;
  bool closed_ = false;  ///< the worker's end of the socket
  bool paused_ = false;
  bool on_device_ = false;
  std::optional<WorkerError> ended_;
};

}  // namespace podium::worker
