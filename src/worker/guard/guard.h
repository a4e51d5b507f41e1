#pragma once

#include <sys/types.h>

#include <optional>

#include "core/unique_fd.h"
#include "worker/guard/status_record.h"

namespace podium::worker {

/// Runs one program and sees to it that nothing of it outlives the supervisor: the one process between the two that does nothing else.
/// It adopts every orphan below it (PR_SET_CHILD_SUBREAPER), so that processes which left the program's group or session are found too.
class Guard {
 public:
  /// `lifeline` closes when the supervisor ends, however it ends. Descriptors below `lifeline` belong to the program.
  Guard(int lifeline, int status);
  /// `arguments` ends with a null pointer. Returns when the program and all its descendants are gone and the supervisor knows, or is gone.
  int run(char* const* arguments);

 private:
  bool start(char* const* arguments);
  [[nodiscard]] bool wait_for_an_end() const;
  [[nodiscard]] std::optional<StatusRecord> program_end() const;
  void reap_orphans() const;
  void kill_everything() const;
  [[nodiscard]] bool kill_round() const;
  void wait_for_lifeline() const;
  void report(StatusRecord record) const;

  UniqueFd lifeline_;
  UniqueFd status_;
  UniqueFd signals_;
  UniqueFd supervisor_;  ///< a pidfd: the lifeline's other end may have been inherited by a fork of the supervisor
  pid_t program_ = -1;
};

}  // namespace podium::worker
