#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "machine/nvml.h"
#include "podium/results.h"

namespace podium::machine {

/// What other programs did on a GPU.
struct ForeignGpuUse {
  std::optional<double> share;       ///< of its time; nothing where it is not known
  std::vector<GpuProgram> programs;  ///< whose kernels ran, the busiest first
  std::string reason;                ///< why the driver cannot tell; empty where it can
};

/// Over the last `duration`. Programs are others unless they are this process or descend from it. The driver looks at a GPU some six times
/// a second, so what was seen a third of a second before counts too. `ours`: processes known from earlier calls, since a worker that has
/// ended descends from nobody any more; those found now are added.
[[nodiscard]] ForeignGpuUse foreign_gpu_use(const Nvml& nvml, unsigned int number, std::chrono::duration<double> duration,
                                            std::set<pid_t>& ours);

/// Why a cell on a GPU has no share of other programs, into its `missing`, where no block of it has one. `reason`: the driver's; may be
/// empty.
void tell_unknown_gpu_use(Cell& cell, const std::string& reason);

/// Programs of several blocks by their mean share of all of these, the busiest first: one that a block does not name used nothing in it.
[[nodiscard]] std::vector<GpuProgram> busiest_programs(std::span<const GpuLoad* const> blocks, std::size_t most);

/// "trainer (4711, 45 % of the GPU), …"
[[nodiscard]] std::string describe(const std::vector<GpuProgram>& programs);

}  // namespace podium::machine
