#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "podium/results.h"

namespace podium::machine {

namespace nvml {
struct Functions;
}

/// What a GPU can do at most.
struct GpuLimits {
  std::optional<std::int64_t> clock_mhz;
  std::optional<double> power_w;
  std::optional<bool> persistence;  ///< whether the driver stays loaded between programs
};

/// A GPU's sensors and counters at one moment; nothing where it does not tell.
struct GpuReading {
  std::optional<std::int64_t> clock_mhz;
  std::optional<std::int64_t> memory_clock_mhz;
  std::optional<std::int64_t> temperature_c;
  std::optional<double> power_w;
  std::optional<double> energy_j;           ///< since the driver was loaded
  std::optional<double> heat_s;             ///< so long heat has lowered the clock, since the driver was loaded
  std::optional<double> board_limit_s;      ///< likewise the board's limits: its power supply
  std::optional<double> power_cap_s;        ///< likewise the power limit
  std::optional<std::uint64_t> throttling;  ///< what lowers the clock now, as bits
  std::optional<std::int64_t> memory_used_bytes;
  std::optional<std::int64_t> memory_bytes;
  std::optional<double> busy_share;  ///< of the last fraction of a second, in which a kernel ran
};

/// A process whose kernels ran on a GPU.
struct GpuProcessUse {
  pid_t pid = 0;
  double busy_share = 0.0;  ///< of the time
};

/// NVIDIA's management library (NVML), opened at run time: the driver brings it. Its GPUs are numbered in the order of the bus.
class Nvml {
 public:
  /// PODIUM_NVML, where it is set, else the driver's own.
  [[nodiscard]] static std::filesystem::path library();
  /// ErrorCode::unavailable with the reason where there is no driver or no GPU.
  [[nodiscard]] static Result<std::shared_ptr<const Nvml>> open(const std::filesystem::path& file = library());
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  ~Nvml();

  [[nodiscard]] std::string driver() const;
  /// Those that CUDA's programs see as cuda:0, cuda:1, … where CUDA_VISIBLE_DEVICES is `visible`.
  [[nodiscard]] std::vector<Gpu> gpus(const std::string& visible = visible_devices()) const;
  /// NVML's number of cuda:N; nothing where there is no such GPU.
  [[nodiscard]] std::optional<unsigned int> number_of(int cuda_index, const std::string& visible = visible_devices()) const;
  [[nodiscard]] std::string uuid(unsigned int number) const;  ///< "GPU-8932f937-…"; empty where the driver does not tell
  [[nodiscard]] GpuLimits limits(unsigned int number) const;
  [[nodiscard]] GpuReading read(unsigned int number) const;
  /// Those that hold a context for computing; ErrorCode::unavailable where the driver does not list them.
  [[nodiscard]] Result<std::vector<pid_t>> computing_processes(unsigned int number) const;
  /// Those whose kernels ran when the driver looked, since that time of the clock of day; none where it has not looked since.
  /// ErrorCode::unavailable where it does not tell one process from another. Takes some milliseconds.
  [[nodiscard]] Result<std::vector<GpuProcessUse>> process_use(unsigned int number, std::chrono::microseconds since) const;

  [[nodiscard]] static std::string visible_devices();  ///< CUDA_VISIBLE_DEVICES; empty: all

 private:
  explicit Nvml(std::unique_ptr<nvml::Functions> functions);
  [[nodiscard]] std::vector<unsigned int> visible_numbers(const std::string& visible) const;

  std::unique_ptr<nvml::Functions> functions_;
  std::vector<void*> handles_;  ///< of the GPUs, by NVML's number
};

}  // namespace podium::machine
