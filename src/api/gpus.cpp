#include "api/gpus.h"

#include <set>
#include <string>

#include "core/text.h"
#include "machine/nvml.h"

namespace podium::api {

std::optional<machine::GpuWatch> look_at_gpus(const Device& device, Environment& environment) {
  const auto nvml = machine::Nvml::open();
  if (!nvml) return std::nullopt;
  environment.gpus = (*nvml)->gpus();
  std::set<std::string> names;
  for (const Gpu& gpu : environment.gpus) names.insert(gpu.name);
  // In a container /proc often shows none of it.
  if (environment.gpu.empty()) environment.gpu = join({names.begin(), names.end()}, ", ");
  if (environment.driver.empty()) environment.driver = (*nvml)->driver();
  if (device.is_cpu()) return std::nullopt;
  const std::optional<unsigned int> number = (*nvml)->number_of(device.index);
  return number ? std::optional(machine::GpuWatch(*nvml, *number)) : std::nullopt;
}

}  // namespace podium::api
