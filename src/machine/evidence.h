#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "machine/cpu_use.h"
#include "podium/results.h"

namespace podium::machine {

/// Shares of the CPUs above which a block, or a machine before the run, is not fit to measure on.
inline constexpr double most_foreign_share = 0.10;
inline constexpr double most_steal_share = 0.02;

/// Why a block is set aside, in a sentence; nothing where the machine gave it what it wanted. `cpus`: how many the load is a share of.
[[nodiscard]] std::optional<std::string> evidence_against(const BlockLoad& load, std::chrono::duration<double> duration, std::size_t cpus);

/// When a block began, in seconds of the run.
using SecondsIntoRun = std::function<double(const Block&)>;

/// What disturbed the blocks of a run, one sentence for each kind with what to do; for Environment::warnings.
/// `busiest`: foreign processes seen then; may be empty.
[[nodiscard]] std::vector<std::string> warnings_from(std::span<const Block> blocks, const SecondsIntoRun& when, std::size_t cpus,
                                                     const std::vector<BusyProcess>& busiest);

}  // namespace podium::machine
