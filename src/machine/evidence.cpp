#include "machine/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "machine/foreign_load.h"
#include "machine/gpu_programs.h"

namespace podium::machine {

namespace {

/// Whose counters step by 10 ms, and are thus uncertain by some steps whatever the block's length.
enum class Resolution { exact, ticks };

struct Limit {
  std::optional<double> BlockLoad::*share;
  double most;  ///< a share above it is evidence
  Resolution resolution;
  const char* evidence;  ///< with the share in per cent
  const char* warning;   ///< with the largest share in per cent
  const char* remedy;
};

constexpr Limit limits[] = {
    {&BlockLoad::foreign_share, most_foreign_share, Resolution::ticks, "a foreign load took {:.0f} % of the CPUs",
     "a foreign load of up to {:.0f} % of the CPUs", "stop the other programs ('top' shows which)"},
    {&BlockLoad::steal_share, most_steal_share, Resolution::ticks, "the hypervisor took {:.0f} % of the CPUs",
     "the hypervisor, which took up to {:.0f} % of the CPUs,", "use a virtual machine with CPUs of its own, or another hour,"},
    {&BlockLoad::throttled_share, 0.01, Resolution::exact, "the control group's quota stopped the CPUs for {:.0f} % of the time",
     "the control group's quota, which stopped the CPUs for up to {:.0f} % of the time,",
     "raise the quota, or give CPUs instead ('docker run --cpuset-cpus'),"},
};

/// Two steps for a counter that is read twice, and the chance differences of the CPUs, which grow with the root of their number.
double uncertain_share(Resolution resolution, double seconds, std::size_t cpus) {
  constexpr double tick_s = 0.01;
  if (resolution == Resolution::exact) return 0.0;
  const auto count = static_cast<double>(cpus);
  return (2.0 + 0.5 * std::sqrt(count)) * tick_s / (seconds * count);
}

/// The threads of a call wait for the slowest one, so half a CPU that is taken away slows all of many; a share of them all would hide it.
double most_share(const Limit& limit, std::size_t cpus) {
  constexpr double most_cpus = 0.5;
  return limit.resolution == Resolution::exact ? limit.most : std::min(limit.most, most_cpus / static_cast<double>(cpus));
}

bool exceeds(const Limit& limit, const BlockLoad& load, double seconds, std::size_t cpus) {
  const std::optional<double>& share = load.*limit.share;
  return share && seconds > 0.0 && cpus > 0 && *share > std::max(most_share(limit, cpus), uncertain_share(limit.resolution, seconds, cpus));
}

/// Of the block's time, in which heat or the power supply lowered the GPU's clock; nothing where that is too little to matter.
std::optional<double> gpu_held_back(const BlockLoad& load) {
  constexpr double most = 0.01;
  const std::optional<double> share = load.gpu ? load.gpu->throttled_share : std::nullopt;
  return share && *share > most ? share : std::nullopt;
}

/// The GPU, where other programs used so much of it that the block is not fit.
const GpuLoad* gpu_shared_with_others(const BlockLoad& load) {
  return load.gpu && load.gpu->foreign_share.value_or(0.0) > most_foreign_gpu_share ? &*load.gpu : nullptr;
}

/// A block of throughput mode took longer than its samples say (lead-ins, answers to compare with), so what was evidence then still is.
bool disturbed(const Limit& limit, const TimedLoad& block, std::size_t cpus) {
  const std::optional<double>& share = block.load.*limit.share;
  const bool was_evidence = block.has_evidence && share && cpus > 0 && *share > most_share(limit, cpus);
  return was_evidence || exceeds(limit, block.load, block.seconds, cpus);
}

std::string minutes_and_seconds(double time) {
  const auto seconds = static_cast<std::int64_t>(std::max(0.0, time));
  return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
}

/// The blocks that something disturbed, summed up.
struct Disturbance {
  std::int64_t blocks = 0;
  double first_s = 0.0;
  double largest = 0.0;

  void add(double when, double share) {
    first_s = blocks == 0 ? when : std::min(first_s, when);
    largest = std::max(largest, share);
    ++blocks;
  }
};

}  // namespace

std::optional<std::string> evidence_against(const BlockLoad& load, std::chrono::duration<double> duration, std::size_t cpus) {
  if (load.thermal_throttles.value_or(0) > 0) return "the processor slowed itself down because it was too hot";
  if (const auto share = gpu_held_back(load))
    return fmt::format("heat or the power supply lowered the GPU's clock for {:.0f} % of the time", 100.0 * *share);
  if (const GpuLoad* gpu = gpu_shared_with_others(load))
    return fmt::format("other programs took {:.0f} % of the GPU: {}", 100.0 * *gpu->foreign_share,
                       describe(gpu->foreign.value_or(std::vector<GpuProgram>{})));
  for (const Limit& limit : limits) {
    if (exceeds(limit, load, duration.count(), cpus)) return fmt::format(fmt::runtime(limit.evidence), 100.0 * *(load.*limit.share));
  }
  return std::nullopt;
}

TimedLoad timed_load(const Block& block, double at_s) {
  const std::int64_t scored = std::accumulate(block.samples_ns.begin(), block.samples_ns.end(), std::int64_t{0});
  const std::int64_t all = std::accumulate(block.lead_in_ns.begin(), block.lead_in_ns.end(), scored);
  return {at_s, 1e-9 * static_cast<double>(all), block.load, !block.evidence.empty()};
}

TimedLoad timed_load(const ThroughputBlock& block, double at_s) {
  return {at_s, 1e-9 * static_cast<double>(block.elapsed_ns), block.load, !block.evidence.empty()};
}

std::vector<std::string> warnings_from(std::span<const TimedLoad> blocks, std::size_t cpus, const std::vector<BusyProcess>& busiest) {
  std::vector<std::string> warnings;
  const auto tell = [&](const Disturbance& seen, const std::string& what, const std::string& remedy) {
    if (seen.blocks == 0) return;
    warnings.push_back(fmt::format("{} disturbed {} of {} blocks from {} on; {} and measure again.", what, seen.blocks, blocks.size(),
                                   minutes_and_seconds(seen.first_s), remedy));
  };
  Disturbance heat;
  for (const TimedLoad& block : blocks) {
    if (block.load.thermal_throttles.value_or(0) > 0) heat.add(block.at_s, 1.0);
  }
  tell(heat, "heat, at which the processor slowed itself down,", "cool the machine");
  Disturbance slow_gpu;
  for (const TimedLoad& block : blocks) {
    if (const auto share = gpu_held_back(block.load)) slow_gpu.add(block.at_s, *share);
  }
  tell(slow_gpu,
       fmt::format("heat or the power supply, which lowered the GPU's clock for up to {:.0f} % of the time,", 100.0 * slow_gpu.largest),
       "cool the GPU ('nvidia-smi -q -d PERFORMANCE' shows what holds it back)");
  Disturbance shared_gpu;
  std::vector<const GpuLoad*> shared;
  for (const TimedLoad& block : blocks) {
    const GpuLoad* gpu = gpu_shared_with_others(block.load);
    if (gpu == nullptr) continue;
    shared_gpu.add(block.at_s, *gpu->foreign_share);
    shared.push_back(gpu);
  }
  tell(shared_gpu, fmt::format("other programs, which took up to {:.0f} % of the GPU,", 100.0 * shared_gpu.largest),
       fmt::format("stop {}", describe(busiest_programs(shared, most_processes_named))));
  for (const Limit& limit : limits) {
    Disturbance seen;
    for (const TimedLoad& block : blocks) {
      if (disturbed(limit, block, cpus)) seen.add(block.at_s, *(block.load.*limit.share));
    }
    const bool is_named = limit.share == &BlockLoad::foreign_share && !busiest.empty();
    tell(seen, fmt::format(fmt::runtime(limit.warning), 100.0 * seen.largest),
         is_named ? fmt::format("stop {}", describe(busiest)) : limit.remedy);
  }
  return warnings;
}

bool is_load_beside(const std::vector<BusyProcess>& scan, std::size_t cpus, bool workers_go_first) {
  double used = 0.0;
  for (const BusyProcess& process : scan) used += process.cpus;
  return used > most_foreign_share * static_cast<double>(workers_go_first ? 1 : std::max<std::size_t>(cpus, 1));
}

bool shows_foreign_load(std::span<const TimedLoad> blocks, std::size_t cpus) {
  const auto foreign =
      std::find_if(std::begin(limits), std::end(limits), [](const Limit& limit) { return limit.share == &BlockLoad::foreign_share; });
  return std::any_of(blocks.begin(), blocks.end(), [&](const TimedLoad& block) { return disturbed(*foreign, block, cpus); });
}

std::string warning_of_load_beside(const std::vector<BusyProcess>& busiest, double from_s, bool workers_went_first) {
  return fmt::format("a foreign load ran beside this run, seen from {} on: {}. {}; stop it all the same where a percent matters.",
                     minutes_and_seconds(from_s), describe(busiest),
                     workers_went_first ? "The workers went before it, and no block shows it" : "No block shows it");
}

}  // namespace podium::machine
