#include "machine/load_beside.h"

#include "machine/evidence.h"

namespace podium::machine {

bool is_load_beside(const std::vector<BusyProcess>& scan, std::size_t cpus, bool workers_go_first) {
  return is_foreign_load(scan, workers_go_first ? 1 : cpus);
}

}  // namespace podium::machine
