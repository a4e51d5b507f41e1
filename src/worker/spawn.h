#pragma once

#include <sys/types.h>

#include "core/result.h"
#include "worker/guarded_process.h"

namespace podium::worker {

/// Starts podium-guard, in a session of its own (a Ctrl-C at the terminal reaches neither it nor the program), with `command` behind it.
/// `lifeline` and `status` are ours; the guard gets them above every descriptor of the command.
[[nodiscard]] Result<pid_t> spawn_guard(const Command& command, int lifeline, int status);

}  // namespace podium::worker
