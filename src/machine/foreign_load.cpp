#include "machine/foreign_load.h"

#include <algorithm>

namespace podium::machine {

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
  for (const auto& [name, program] : programs_) found.push_back({*program.pids.begin(), name, program.cpus / scans_, program.pids.size()});
  std::stable_sort(found.begin(), found.end(), [](const BusyProcess& a, const BusyProcess& b) { return a.cpus > b.cpus; });
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace podium::machine
