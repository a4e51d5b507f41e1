#include "core/device.h"

#include <fmt/format.h>

#include <charconv>

#include "core/text.h"

namespace podium {

namespace {

constexpr std::string_view cuda = "cuda";

/// The number behind "cuda:"; nothing where it is none, or larger than any machine has GPUs.
std::optional<int> index_in(std::string_view text) {
  constexpr int most_devices = 1024;
  int index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || index < 0 || index >= most_devices) return std::nullopt;
  return index;
}

}  // namespace

std::string Device::name() const {
  return is_cpu() ? kind : fmt::format("{}:{}", kind, index);
}

Result<Device> parse_device(std::string_view text) {
  if (text == "cpu") return Device{};
  if (text == cuda) return Device{std::string(cuda), 0};
  const std::string prefix = std::string(cuda) + ":";
  if (text.starts_with(prefix)) {
    if (const auto index = index_in(text.substr(prefix.size()))) return Device{std::string(cuda), *index};
  }
  return fail(ErrorCode::wrong_use, fmt::format("--device: '{}' is not known", printable(text)),
              "choose cpu, or cuda:0 for the first NVIDIA GPU; 'podium doctor' lists those that are here");
}

TimingBoundary usual_boundary(const Device& device) {
  return device.is_cpu() ? TimingBoundary::host : TimingBoundary::device;
}

std::vector<Precision> usual_precisions(const Device& device) {
  if (device.is_cpu()) return {Precision::fp32, Precision::bf16};
  return {Precision::fp32, Precision::tf32, Precision::fp16};
}

}  // namespace podium
