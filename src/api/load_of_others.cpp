#include "api/load_of_others.h"

#include <utility>

#include "machine/load_watch.h"

namespace podium::api {

LoadOfOthers::LoadOfOthers(const std::vector<int>& worker_cpus, bool workers_go_first)
    : cpus_(machine::LoadWatch("/", worker_cpus).cpus()), workers_go_first_(workers_go_first) {}

void LoadOfOthers::add_beside(const std::vector<machine::BusyProcess>& scan, double at_s) {
  if (!machine::is_load_beside(scan, cpus_, workers_go_first_)) return;
  beside_.add(scan);
  if (beside_from_s_ < 0.0) beside_from_s_ = at_s;
}

std::vector<std::string> LoadOfOthers::warnings(std::span<const machine::TimedLoad> blocks) const {
  std::vector<std::string> warnings;
  if (beside_from_s_ >= 0.0 && !machine::shows_foreign_load(blocks, cpus_))
    warnings.push_back(machine::warning_of_load_beside(beside_.busiest(machine::most_processes_named), beside_from_s_, workers_go_first_));
  const std::vector<machine::BusyProcess> busiest = machine::busiest_of_both(disturbing_, beside_, machine::most_processes_named);
  for (std::string& warning : machine::warnings_from(blocks, cpus_, busiest)) warnings.push_back(std::move(warning));
  return warnings;
}

void LoadOfOthers::forget() {
  disturbing_ = {};
  beside_ = {};
  beside_from_s_ = -1.0;
}

}  // namespace podium::api
