#pragma once

#include <sys/types.h>

#include <memory>
#include <set>
#include <string>

#include "machine/nvml.h"
#include "podium/results.h"

namespace podium::machine {

/// One GPU during a block: begin() just before it and end() just after, which takes some milliseconds.
class GpuWatch {
 public:
  GpuWatch(std::shared_ptr<const Nvml> nvml, unsigned int number) : nvml_(std::move(nvml)), number_(number) {}
  void begin() { before_ = read(); }
  [[nodiscard]] GpuLoad end(double elapsed_s);
  [[nodiscard]] GpuReading read() const { return nvml_->read(number_); }
  [[nodiscard]] GpuLimits limits() const { return nvml_->limits(number_); }
  /// Why the last block has no share of other programs; empty where it has one, or the driver had not looked yet.
  [[nodiscard]] const std::string& foreign_reason() const noexcept { return foreign_reason_; }

 private:
  std::shared_ptr<const Nvml> nvml_;
  unsigned int number_;
  GpuReading before_;
  std::set<pid_t> ours_;  ///< processes on the GPU, those that have ended too
  std::string foreign_reason_;
};

/// What happened between two readings (pure).
[[nodiscard]] GpuLoad gpu_load_between(const GpuReading& before, const GpuReading& after, double elapsed_s);
/// What lowers the clock, from NVML's bits: "power cap, heat"; empty where nothing does. Being idle is no reason that counts.
[[nodiscard]] std::string throttle_words(std::uint64_t reasons);
/// Whether heat or the power supply is among the reasons: what a machine that is well cooled does not meet.
[[nodiscard]] bool is_held_back(std::uint64_t reasons);

}  // namespace podium::machine
