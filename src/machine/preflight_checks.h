#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "machine/cpu_use.h"
#include "machine/pinning.h"
#include "machine/preflight.h"
#include "podium/results.h"

namespace podium::machine {

inline constexpr const char* not_readable = "not readable";

/// What a check may look at.
struct CheckInput {
  const std::filesystem::path& root;
  const std::vector<UsableCpu>& usable;
  std::int64_t threads;
  const BlockLoad& load;     ///< over the look
  std::size_t watched_cpus;  ///< that its shares are of: usable ones, and the other hyper-threads of their cores
  double look_s;
  const std::vector<BusyProcess>& busiest;  ///< over the look
  const GpuWatch* gpu;                      ///< null where none will be measured on
};

using Check = void (*)(const CheckInput&, PreflightReport&);
/// Whether the GPU is idle and cool, and how it is set.
void check_gpu(const CheckInput& input, PreflightReport& report);
/// All that is checked, in the order of the report.
[[nodiscard]] const std::vector<Check>& preflight_checks();

}  // namespace podium::machine
