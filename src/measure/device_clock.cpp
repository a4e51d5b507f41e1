#include "measure/device_clock.h"

#include <fmt/format.h>

#include <vector>

#include "measure/statistics.h"

namespace podium::measure {

namespace {

/// The clocks' own inaccuracy: that of CUDA's events is half a microsecond.
constexpr double tolerance = 0.02;
constexpr double resolution_ms = 0.001;

}  // namespace

std::optional<DeviceClock> device_clock_of(std::span<const Block> blocks) {
  std::vector<double> device_ms;
  std::vector<double> host_ms;
  std::int64_t calls = 0;
  for (const Block& block : blocks) {
    if (block.set_aside || !block.device_clock) continue;
    device_ms.push_back(block.device_clock->device_ms);
    host_ms.push_back(block.device_clock->host_ms);
    calls += block.device_clock->calls;
  }
  if (calls == 0) return std::nullopt;
  return DeviceClock{median(device_ms), median(host_ms), calls};
}

void take_device_clock(Cell& cell) {
  cell.device_clock = device_clock_of(cell.blocks);
  if (cell.device_clock) cell.missing.erase("device_clock");
}

std::optional<std::string> disagreement(const DeviceClock& clock) {
  if (clock.host_ms >= clock.device_ms * (1.0 - tolerance) - resolution_ms) return std::nullopt;
  return fmt::format(
      "the device worked {:.4g} ms on a call by its own clock, and the host's had stopped after {:.4g} ms: the engine returned before its "
      "work was done, so its times are not to be believed; report it, with the results file.",
      clock.device_ms, clock.host_ms);
}

}  // namespace podium::measure
