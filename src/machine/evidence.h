#pragma once

#include <chrono>
#include <cstddef>
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
/// Likewise of a GPU's time.
inline constexpr double most_foreign_gpu_share = 0.10;

/// Why a block is set aside, in a sentence; nothing where the machine gave it what it wanted. `cpus`: how many the load is a share of.
[[nodiscard]] std::optional<std::string> evidence_against(const BlockLoad& load, std::chrono::duration<double> duration, std::size_t cpus);

/// What the machine did while a block was timed, as warnings are made from.
struct TimedLoad {
  double at_s = 0.0;     ///< when it began, in seconds of the run
  double seconds = 0.0;  ///< that it took, by its samples
  BlockLoad load{};
  bool has_evidence = false;  ///< against it, when it was measured
};
[[nodiscard]] TimedLoad timed_load(const Block& block, double at_s);
[[nodiscard]] TimedLoad timed_load(const ThroughputBlock& block, double at_s);

/// What disturbed the blocks of a run, one sentence for each kind with what to do; for Environment::warnings.
/// `busiest`: foreign processes seen then; may be empty.
[[nodiscard]] std::vector<std::string> warnings_from(std::span<const TimedLoad> blocks, std::size_t cpus,
                                                     const std::vector<BusyProcess>& busiest);

/// Whether a scan over the time in which engines were loaded and warmed up found a load worth a warning: as much as would be evidence
/// against a block. Engines leave CPUs free only while they are loaded, so a program that keeps one busy shows as a small part of it where
/// the workers go before others, however many CPUs there are.
[[nodiscard]] bool is_load_beside(const std::vector<BusyProcess>& scan, std::size_t cpus, bool workers_go_first);
/// Whether a foreign load is evident in any of the blocks, and so among warnings_from().
[[nodiscard]] bool shows_foreign_load(std::span<const TimedLoad> blocks, std::size_t cpus);
/// Of programs that ran beside a run and show in none of its blocks; `workers_went_first` is why, where they did (machine/priority.h).
[[nodiscard]] std::string warning_of_load_beside(const std::vector<BusyProcess>& busiest, double from_s, bool workers_went_first);

}  // namespace podium::machine
