#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "podium/compare.h"

namespace podium::api {

/// What makes times of two runs hard to compare.
enum class Obstacle { machine, boundary, model };

struct Hindrance {
  Obstacle obstacle = Obstacle::machine;
  Difference difference;
};

/// Facts of the machine that change a time: processor, memory, kernel, governor, card and driver.
[[nodiscard]] std::vector<Difference> machine_differences(const Environment& before, const Environment& after);
/// By more than a kernel may keep for itself.
[[nodiscard]] bool is_other_memory(std::int64_t before, std::int64_t after);
/// Those facts, and the model, the shapes of its inputs, the device and the timing boundary.
[[nodiscard]] std::vector<Hindrance> hindrances(const Results& before, const Results& after);
/// An error that names every hindrance that `options` do not allow, and the flag that would.
[[nodiscard]] Result<void> check_allowed(const std::vector<Hindrance>& found, const CompareOptions& options);

/// What one compares runs for: versions of Podium and the engines, threads, inputs.
[[nodiscard]] std::vector<Difference> what_changed(const Results& before, const Results& after);

/// A default that changed from one version to the next leaves the cell's name as it was.
[[nodiscard]] std::vector<Difference> changed_defaults(const Cell& before, const Cell& after);

/// "Xeon …, 8 CPUs", printable.
[[nodiscard]] std::string machine_name(const Environment& machine);
/// Null where the run has none of this id.
[[nodiscard]] const Cell* find_cell(const Results& run, const std::string& id);

/// Adds those that are not there yet.
void add_new(std::vector<Difference>& all, const std::vector<Difference>& more);

}  // namespace podium::api
