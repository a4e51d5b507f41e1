#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/results.h"

namespace podium::machine {

/// The energy counters of the processor's packages (RAPL; AMD's processors show the same tree).
class EnergyCounters {
 public:
  explicit EnergyCounters(const std::filesystem::path& root = "/");
  /// Microjoules of each package now; empty where they cannot be read.
  [[nodiscard]] std::vector<std::int64_t> read() const;
  /// Joules from one reading to the next, a counter that wrapped once included.
  [[nodiscard]] std::optional<double> joules(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after) const;
  /// Why there is no energy here; empty where there is.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  struct Package {
    std::filesystem::path counter;
    std::int64_t range_uj = 0;
  };
  std::vector<Package> packages_;
  std::string reason_;
};

/// Joules for each call of the model, or why they are not known.
struct EnergyFigure {
  std::optional<double> joules_per_inference;
  std::string reason;
};

/// Over the blocks that are scored. The package's energy, or the GPU's where the cell ran on one, covers the whole block, so its lead-in
/// calls count as well.
[[nodiscard]] EnergyFigure energy_per_inference(std::span<const Block> blocks, const std::string& reason_of_counters);
/// The same into the cell, or the reason into its `missing`.
void take_energy(Cell& cell, const std::string& reason_of_counters);

}  // namespace podium::machine
