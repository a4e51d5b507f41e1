#include "machine/gpu_watch.h"

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "machine/gpu_programs.h"

namespace podium::machine {

namespace {

enum class Weight { steady_state, held_back };

struct Reason {
  std::uint64_t bit;
  const char* words;
  Weight weight;
};

/// NVML's bits. The power cap is where a GPU under full load ends up on any machine, so it is told and nothing follows from it.
constexpr Reason reasons_known[] = {
    {0x02, "application clocks", Weight::steady_state},
    {0x04, "power cap", Weight::steady_state},
    {0x08, "hardware slowdown", Weight::held_back},
    {0x10, "clocks tied to another GPU's", Weight::steady_state},
    {0x20, "heat", Weight::held_back},
    {0x40, "heat, by hardware", Weight::held_back},
    {0x80, "power brake", Weight::held_back},
};

/// Seconds of a counter as a share of the time between two readings.
std::optional<double> share(const std::optional<double>& before, const std::optional<double>& after, double elapsed_s) {
  if (!before || !after || elapsed_s <= 0.0) return std::nullopt;
  return std::clamp((*after - *before) / elapsed_s, 0.0, 1.0);
}

std::optional<double> largest(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

}  // namespace

std::string throttle_words(std::uint64_t reasons) {
  std::vector<std::string> words;
  for (const Reason& reason : reasons_known) {
    if ((reasons & reason.bit) != 0) words.emplace_back(reason.words);
  }
  return join(words, ", ");
}

bool is_held_back(std::uint64_t reasons) {
  return std::any_of(std::begin(reasons_known), std::end(reasons_known),
                     [reasons](const Reason& reason) { return reason.weight == Weight::held_back && (reasons & reason.bit) != 0; });
}

GpuLoad gpu_load_between(const GpuReading& before, const GpuReading& after, double elapsed_s) {
  GpuLoad load;
  load.clock_mhz = after.clock_mhz;
  load.memory_clock_mhz = after.memory_clock_mhz;
  load.temperature_c = after.temperature_c;
  load.power_w = after.power_w;
  if (before.energy_j && after.energy_j && *after.energy_j >= *before.energy_j) load.energy_j = *after.energy_j - *before.energy_j;
  load.throttled_share =
      largest(share(before.heat_s, after.heat_s, elapsed_s), share(before.board_limit_s, after.board_limit_s, elapsed_s));
  // A driver without counters still tells what lowers the clock at the end.
  if (!load.throttled_share && after.throttling) load.throttled_share = is_held_back(*after.throttling) ? 1.0 : 0.0;
  load.power_capped_share = share(before.power_cap_s, after.power_cap_s, elapsed_s);
  if (after.throttling) load.throttle = throttle_words(*after.throttling);
  return load;
}

GpuLoad GpuWatch::end(double elapsed_s) {
  GpuLoad load = gpu_load_between(before_, read(), elapsed_s);
  ForeignGpuUse others = foreign_gpu_use(*nvml_, number_, std::chrono::duration<double>(elapsed_s), ours_);
  load.foreign_share = others.share;
  if (!others.programs.empty()) load.foreign = std::move(others.programs);
  foreign_reason_ = std::move(others.reason);
  return load;
}

}  // namespace podium::machine
