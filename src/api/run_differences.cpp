#include "api/run_differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::api {
namespace {

/// What the kernel keeps for itself changes with its version; that much less memory is the same machine.
constexpr double same_memory = 0.02;

constexpr std::size_t digits_of_hash = 12;

std::string shown(const std::string& text) {
  return text.empty() ? "unknown" : printable(text);
}

void note(std::vector<Difference>& differences, const std::string& what, const std::string& before, const std::string& after) {
  if (before != after) differences.push_back({what, shown(before), shown(after)});
}

std::string sets_only_in(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  std::vector<std::string> own;
  for (const std::string& set : one) {
    if (std::find(other.begin(), other.end(), set) == other.end()) own.push_back(set);
  }
  return own.empty() ? "nothing more" : printable(join(own, " "));
}

/// Of cells that were measured: one value for a run, several only in a file that somebody joined.
std::string values_of(const Results& run, std::string Cell::*member) {
  std::set<std::string> values;
  for (const Cell& cell : run.cells) {
    if (!cell.blocks.empty()) values.insert(cell.*member);
  }
  return join({values.begin(), values.end()}, ", ");
}

std::string shapes_of(const Results& run) {
  std::vector<std::string> shapes;
  for (const auto& [input, shape] : run.settings.shapes) shapes.push_back(fmt::format("{}={}", input, to_string(shape)));
  return join(shapes, ", ");
}

std::vector<Difference> model_differences(const Results& before, const Results& after) {
  std::vector<Difference> differences;
  note(differences, "model (SHA-256)", before.model.sha256.substr(0, digits_of_hash), after.model.sha256.substr(0, digits_of_hash));
  if (differences.empty() && before.model.sha256 != after.model.sha256)
    differences.push_back({"model (SHA-256)", shown(before.model.sha256), shown(after.model.sha256)});
  // A file that is older than the settings says nothing of shapes.
  if (!before.settings.model.empty() && !after.settings.model.empty()) note(differences, "shapes", shapes_of(before), shapes_of(after));
  return differences;
}

void add(std::vector<Hindrance>& all, Obstacle obstacle, const std::vector<Difference>& differences) {
  for (const Difference& difference : differences) all.push_back({obstacle, difference});
}

struct Allowance {
  Obstacle obstacle;
  const char* name;
  bool CompareOptions::*flag;
};
constexpr Allowance allowances[] = {{Obstacle::machine, "machine", &CompareOptions::allow_different_machine},
                                    {Obstacle::boundary, "boundary", &CompareOptions::allow_different_boundary},
                                    {Obstacle::model, "model", &CompareOptions::allow_different_model}};

std::string threads_of(const Results& run) {
  return run.settings.threads > 0 ? std::to_string(run.settings.threads) : "as many as CPUs";
}

/// Of workers: what the machine let them have, by the look at it before the run. A file that is older than that fact says nothing.
void note_priority(std::vector<Difference>& differences, const Environment& before, const Environment& after) {
  constexpr const char* fact = "priority";
  if (before.preflight.contains(fact) && after.preflight.contains(fact))
    note(differences, fact, before.preflight.at(fact), after.preflight.at(fact));
}

void note_settings(std::vector<Difference>& differences, const Results& before, const Results& after) {
  if (before.settings.model.empty() || after.settings.model.empty()) return;
  note(differences, "threads", threads_of(before), threads_of(after));
  note(differences, "inputs (SHA-256)", before.settings.data_sha256.substr(0, digits_of_hash),
       after.settings.data_sha256.substr(0, digits_of_hash));
  note(differences, "calibration inputs (SHA-256)", before.settings.calibration_sha256.substr(0, digits_of_hash),
       after.settings.calibration_sha256.substr(0, digits_of_hash));
  note(differences, "calibration method", before.settings.method, after.settings.method);
}

}  // namespace

bool is_other_memory(std::int64_t before, std::int64_t after) {
  const auto [a, b] = std::pair{static_cast<double>(before), static_cast<double>(after)};
  return std::abs(a - b) > same_memory * std::max(a, b);
}

std::vector<Difference> machine_differences(const Environment& before, const Environment& after) {
  std::vector<Difference> differences;
  note(differences, "processor", before.cpu, after.cpu);
  if (std::set(before.isa.begin(), before.isa.end()) != std::set(after.isa.begin(), after.isa.end()))
    differences.push_back({"instruction sets", sets_only_in(before.isa, after.isa), sets_only_in(after.isa, before.isa)});
  note(differences, "usable CPUs", std::to_string(before.cores), std::to_string(after.cores));
  if (is_other_memory(before.memory_bytes, after.memory_bytes)) {
    differences.push_back(
        {"memory", human_bytes(static_cast<double>(before.memory_bytes)), human_bytes(static_cast<double>(after.memory_bytes))});
  }
  note(differences, "operating system", before.os, after.os);
  note(differences, "frequency governor", before.governor, after.governor);
  note(differences, "GPU", before.gpu, after.gpu);
  note(differences, "GPU driver", before.driver, after.driver);
  return differences;
}

std::vector<Hindrance> hindrances(const Results& before, const Results& after) {
  std::vector<Hindrance> all;
  add(all, Obstacle::machine, machine_differences(before.environment, after.environment));
  std::vector<Difference> places;
  const auto note_of_cells = [&](const char* what, std::string Cell::*member) {
    const std::string old_values = values_of(before, member);
    const std::string new_values = values_of(after, member);
    // A run in which nothing was measured has none of either.
    if (!old_values.empty() && !new_values.empty()) note(places, what, old_values, new_values);
  };
  note_of_cells("device", &Cell::device);
  add(all, Obstacle::machine, places);
  places.clear();
  note_of_cells("timing boundary", &Cell::timing_boundary);
  add(all, Obstacle::boundary, places);
  add(all, Obstacle::model, model_differences(before, after));
  return all;
}

Result<void> check_allowed(const std::vector<Hindrance>& found, const CompareOptions& options) {
  std::vector<std::string> told;
  std::set<std::string> flags;
  for (const Allowance& allowance : allowances) {
    if (options.*allowance.flag) continue;
    for (const Hindrance& hindrance : found) {
      if (hindrance.obstacle != allowance.obstacle) continue;
      const Difference& difference = hindrance.difference;
      told.push_back(fmt::format("{}: {} before, {} after", difference.what, difference.before, difference.after));
      flags.insert(allowance.name);
    }
  }
  if (told.empty()) return {};
  return fail(
      ErrorCode::wrong_use, fmt::format("the runs differ in what changes times ({})", join(told, "; ")),
      fmt::format("measure both alike, or compare all the same with --allow-different {}", join({flags.begin(), flags.end()}, ",")));
}

std::vector<Difference> what_changed(const Results& before, const Results& after) {
  std::vector<Difference> differences;
  for (const auto& [backend, version] : before.environment.versions) {
    const auto found = after.environment.versions.find(backend);
    if (found != after.environment.versions.end()) note(differences, printable(backend), version, found->second);
  }
  note(differences, "podium", before.environment.podium_version, after.environment.podium_version);
  note(differences, "podium's build", before.environment.build_type, after.environment.build_type);
  note_settings(differences, before, after);
  note_priority(differences, before.environment, after.environment);
  return differences;
}

std::vector<Difference> changed_defaults(const Cell& before, const Cell& after) {
  std::vector<Difference> differences;
  for (const auto& [name, value] : before.options) {
    const auto found = after.options.find(name);
    if (found == after.options.end() || found->second == value) continue;
    differences.push_back(
        {printable(fmt::format("{}.{}", before.backend, name)), printable(to_string(value)), printable(to_string(found->second))});
  }
  return differences;
}

std::string machine_name(const Environment& machine) {
  const char* plural = machine.cores == 1 ? "" : "s";
  return fmt::format("{}, {} CPU{}", machine.cpu.empty() ? "unknown processor" : printable(machine.cpu), machine.cores, plural);
}

const Cell* find_cell(const Results& run, const std::string& id) {
  const auto found = std::find_if(run.cells.begin(), run.cells.end(), [&](const Cell& cell) { return cell.id == id; });
  return found == run.cells.end() ? nullptr : &*found;
}

void add_new(std::vector<Difference>& all, const std::vector<Difference>& more) {
  for (const Difference& difference : more) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const Difference& other) {
      return other.what == difference.what && other.before == difference.before && other.after == difference.after;
    });
    if (!known) all.push_back(difference);
  }
}

}  // namespace podium::api
