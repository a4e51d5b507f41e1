#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "machine/cpu_use.h"
#include "machine/evidence.h"
#include "machine/foreign_load.h"

namespace podium::api {

/// Who else used the CPUs while cells were measured, as the hooks of search/batch_run.h tell it, and the warnings that come of it.
class LoadOfOthers {
 public:
  LoadOfOthers() = default;
  /// `worker_cpus`: those that the workers run on; empty: all that this process may use. `workers_go_first`: machine/priority.h.
  LoadOfOthers(const std::vector<int>& worker_cpus, bool workers_go_first);
  /// Who used them while a block was disturbed.
  void add_disturbing(const std::vector<machine::BusyProcess>& scan) { disturbing_.add(scan); }
  /// Who used them while engines were loaded, `at_s` seconds into the run.
  void add_beside(const std::vector<machine::BusyProcess>& scan, double at_s);
  /// With `blocks`: those that were measured meanwhile. For Environment::warnings.
  [[nodiscard]] std::vector<std::string> warnings(std::span<const machine::TimedLoad> blocks) const;
  void forget();

 private:
  std::size_t cpus_ = 1;
  bool workers_go_first_ = false;
  machine::ForeignLoad disturbing_;
  machine::ForeignLoad beside_;
  double beside_from_s_ = -1.0;  ///< when first; negative: not at all
};

}  // namespace podium::api
