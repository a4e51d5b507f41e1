#include "machine/energy.h"

#include <fmt/format.h>

#include <algorithm>

#include "machine/proc_files.h"

namespace podium::machine {

namespace fs = std::filesystem;

EnergyCounters::EnergyCounters(const fs::path& root) {
  std::error_code error;
  for (fs::directory_iterator entry(root / "sys/class/powercap", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    // One colon: a whole package. Two: a part of one, which the package's counter has in it. "psys" is the platform, packages included.
    if (!name.starts_with("intel-rapl:") || std::count(name.begin(), name.end(), ':') != 1) continue;
    if (!read_line(entry->path() / "name").starts_with("package")) continue;
    const fs::path counter = entry->path() / "energy_uj";
    if (!read_number(counter)) {
      reason_ = fmt::format("the energy counters are not readable without root: sudo chmod a+r {}", counter.string());
      packages_.clear();
      return;
    }
    packages_.push_back({counter, read_number(entry->path() / "max_energy_range_uj").value_or(0)});
  }
  std::sort(packages_.begin(), packages_.end(), [](const Package& a, const Package& b) { return a.counter < b.counter; });
  if (!packages_.empty()) return;
  const std::string cpuinfo = read_small_file(root / "proc/cpuinfo").value_or("");
  reason_ = cpuinfo.find(" hypervisor") == std::string::npos ? "the kernel shows no RAPL energy counters here"
                                                             : "the kernel shows no RAPL energy counters here (virtual machine)";
}

std::vector<std::int64_t> EnergyCounters::read() const {
  std::vector<std::int64_t> values;
  for (const Package& package : packages_) {
    const auto value = read_number(package.counter);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

std::optional<double> EnergyCounters::joules(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after) const {
  if (before.empty() || before.size() != packages_.size() || after.size() != packages_.size()) return std::nullopt;
  double sum = 0.0;
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    std::int64_t used = after[i] - before[i];
    if (used < 0) used += packages_[i].range_uj;
    if (used < 0) return std::nullopt;  // reset, or wrapped with no range known
    sum += 1e-6 * static_cast<double>(used);
  }
  return sum;
}

EnergyFigure energy_per_inference(std::span<const Block> blocks, const std::string& reason_of_counters) {
  double joules = 0.0;
  double calls = 0.0;
  for (const Block& block : blocks) {
    const std::optional<double> used = block.load.gpu ? block.load.gpu->energy_j : block.load.energy_j;
    if (block.set_aside || !used) continue;
    joules += *used;
    calls += static_cast<double>(block.iterations_per_sample) * static_cast<double>(block.samples_ns.size() + block.lead_in_ns.size());
  }
  if (calls > 0.0 && joules > 0.0) return {joules / calls, {}};
  return {std::nullopt, reason_of_counters.empty() ? "no scored block has an energy reading" : reason_of_counters};
}

void take_energy(Cell& cell, const std::string& reason_of_counters) {
  const EnergyFigure energy = energy_per_inference(cell.blocks, reason_of_counters);
  cell.energy_j_per_inference = energy.joules_per_inference;
  cell.missing.erase("energy_j_per_inference");
  if (!energy.joules_per_inference) cell.missing["energy_j_per_inference"] = energy.reason;
}

}  // namespace podium::machine
