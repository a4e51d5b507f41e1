#include "machine/foreign_load.h"

#include <algorithm>

namespace podium::machine {

void ForeignLoad::add(const std::vector<BusyProcess>& scan) {
  scans_ += 1.0;
  for (const BusyProcess& process : scan) {
    BusyProcess& sum = sums_[process.pid];
    sum.pid = process.pid;
    sum.name = process.name;
    sum.cpus += process.cpus;
  }
}

std::vector<BusyProcess> ForeignLoad::busiest(std::size_t most) const {
  std::vector<BusyProcess> found;
  for (const auto& [pid, sum] : sums_) found.push_back({pid, sum.name, sum.cpus / scans_});
  std::stable_sort(found.begin(), found.end(), [](const BusyProcess& a, const BusyProcess& b) { return a.cpus > b.cpus; });
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace podium::machine
