#include "machine/device_identity.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/text.h"

namespace podium::machine {

namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Workers count GPUs along the bus, so an entry that is a number is the same GPU in every process.
std::string named_by_variable(const Device& device, const std::string& visible) {
  const std::vector<std::string> entries = visible.empty() ? std::vector<std::string>{} : split(visible, ',');
  const auto index = static_cast<std::size_t>(device.index);
  if (index >= entries.size()) return device.name();
  return is_number(entries[index]) ? device.kind + ":" + entries[index] : entries[index];
}

}  // namespace

std::string device_identity(const Device& device, const Nvml* nvml, const std::string& visible) {
  if (device.is_cpu()) return device.name();
  const std::optional<unsigned int> number = nvml == nullptr ? std::nullopt : nvml->number_of(device.index, visible);
  if (!number) return named_by_variable(device, visible);
  const std::string uuid = nvml->uuid(*number);
  return uuid.empty() ? device.kind + ":" + std::to_string(*number) : uuid;
}

std::string device_identity(const Device& device) {
  if (device.is_cpu()) return device.name();
  const auto nvml = Nvml::open();
  return device_identity(device, nvml ? nvml->get() : nullptr, Nvml::visible_devices());
}

}  // namespace podium::machine
