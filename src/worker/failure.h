#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "worker/guarded_process.h"
#include "worker/worker.h"

namespace podium::worker {

/// "was ended by signal 11 (SIGSEGV)" or "exited with status 3".
[[nodiscard]] std::string describe_exit(const ExitStatus& exit);
[[nodiscard]] std::string load_remedy();
[[nodiscard]] std::string run_remedy();
[[nodiscard]] std::string memory_remedy();

/// The last lines of a worker's log, fit for a terminal; empty where there is none.
[[nodiscard]] std::string log_tail(const std::filesystem::path& log);

/// What is said of a worker that ended while `doing` ("loading the model"): "crash", "out_of_memory" or "lost".
[[nodiscard]] WorkerError failure_of_exit(const ExitStatus& exit, const std::string& doing, std::string log_tail);
/// What is said of a worker that took more than our own limit.
[[nodiscard]] WorkerError failure_of_memory(std::int64_t limit_bytes, const std::string& doing, std::string log_tail);
/// What is said of an error that a living worker answered: "unsupported" or "error". A worker cannot tell that memory or time ran
/// out, only that it was refused some, so those two codes are the supervisor's alone; but the memory of a device is the engine's to
/// know, and no limit of ours watches it: of a model on a device, "out_of_memory" stands.
[[nodiscard]] WorkerError failure_of_reply(Error error, std::string log_tail, bool on_device);

}  // namespace podium::worker
