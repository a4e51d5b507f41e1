#include "machine/foreign_load.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace podium::machine {
namespace {

/// Of a CPU: less would be told as "0 %".
constexpr double least_named = 0.01;

std::vector<BusyProcess> busiest_first(std::vector<BusyProcess> programs, std::size_t most) {
  std::stable_sort(programs.begin(), programs.end(), [](const BusyProcess& a, const BusyProcess& b) { return a.cpus > b.cpus; });
  if (programs.size() > most) programs.resize(most);
  return programs;
}

}  // namespace

void ForeignLoad::add(const std::vector<BusyProcess>& scan) {
  scans_ += 1.0;
  for (const BusyProcess& process : scan) {
    Program& program = programs_[process.name];
    program.pids.insert(process.pid);
    program.cpus += process.cpus;
  }
}

std::vector<BusyProcess> ForeignLoad::busiest(std::size_t most) const {
  std::vector<BusyProcess> found;
  for (const auto& [name, program] : programs_) {
    const double cpus = program.cpus / scans_;
    if (cpus >= least_named) found.push_back({*program.pids.begin(), name, cpus, program.pids.size()});
  }
  return busiest_first(std::move(found), most);
}

std::vector<BusyProcess> busiest_of_both(const ForeignLoad& one, const ForeignLoad& other, std::size_t most) {
  std::vector<BusyProcess> all = one.busiest(std::numeric_limits<std::size_t>::max());
  for (const BusyProcess& process : other.busiest(std::numeric_limits<std::size_t>::max())) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const BusyProcess& it) { return it.name == process.name; });
    if (known == all.end())
      all.push_back(process);
    else if (known->cpus < process.cpus)
      *known = process;
  }
  return busiest_first(std::move(all), most);
}

}  // namespace podium::machine
