#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "machine/cpu_use.h"
#include "machine/energy.h"
#include "machine/gpu_watch.h"
#include "podium/results.h"

namespace podium::machine {

/// The machine's counters at one moment.
struct LoadReading {
  std::optional<CpuTimes> cpus;
  double ours_s = 0.0;                ///< CPU seconds of this process and the worker's tree
  std::optional<double> throttled_s;  ///< by the control group's quota
  std::optional<std::int64_t> thermal_throttles;
  std::vector<std::int64_t> energy_uj;
};

/// What the machine does during a block besides running it: call begin() just before the block and end() just after.
/// Each takes well under a millisecond (on a GPU, end() some), and neither runs while samples are taken.
class LoadWatch {
 public:
  /// `cpus`: those that the workers run on; empty: all that this process may use. The other hyper-threads of their cores are watched too.
  /// `gpu`: the one that the workers run on.
  explicit LoadWatch(std::filesystem::path root = "/", std::vector<int> cpus = {}, std::optional<GpuWatch> gpu = std::nullopt);
  void begin(pid_t worker);
  [[nodiscard]] BlockLoad end();
  /// The same with the time between the two given, for counters that stand in files.
  [[nodiscard]] BlockLoad end(std::chrono::duration<double> elapsed);
  [[nodiscard]] std::size_t cpus() const noexcept { return cpus_.size(); }
  /// Why no energy is told here; empty where it is.
  [[nodiscard]] const std::string& energy_reason() const noexcept { return energy_.reason(); }
  /// Why the last block has no share of what other programs used of the GPU; empty where there is no GPU too.
  [[nodiscard]] std::string gpu_foreign_reason() const { return gpu_ ? gpu_->foreign_reason() : ""; }

 private:
  [[nodiscard]] LoadReading read() const;

  std::filesystem::path root_;
  std::vector<int> cpus_;
  EnergyCounters energy_;
  std::optional<GpuWatch> gpu_;
  std::vector<std::filesystem::path> throttle_counters_;  ///< of the processor's temperature
  std::vector<std::filesystem::path> quota_files_;        ///< cpu.stat of this process's group and those above it
  pid_t worker_ = 0;
  LoadReading before_;
  std::chrono::steady_clock::time_point began_;
};

/// What happened between two readings (pure).
[[nodiscard]] BlockLoad load_between(const LoadReading& before, const LoadReading& after, double elapsed_s, std::size_t cpus);

}  // namespace podium::machine
