#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "podium/types.h"

namespace podium {

/// Where a cell runs.
struct Device {
  std::string kind = "cpu";  ///< or "cuda"
  int index = 0;             ///< among the devices of its kind, in the order of the bus

  [[nodiscard]] bool is_cpu() const noexcept { return kind == "cpu"; }
  [[nodiscard]] std::string name() const;  ///< "cpu", "cuda:1"
};

/// "cpu", "cuda" (the first GPU) or "cuda:1".
[[nodiscard]] Result<Device> parse_device(std::string_view text);
/// On the CPU, engines compute in the caller's memory; on a GPU, copies are not the engine's to answer for unless asked.
[[nodiscard]] TimingBoundary usual_boundary(const Device& device);
/// What is measured on a device where nobody says: what engines are known for on it.
[[nodiscard]] std::vector<Precision> usual_precisions(const Device& device);

}  // namespace podium
