#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "machine/cpu_use.h"

namespace podium::machine {

/// In a warning, of the programs that disturbed a run; the rest would only lengthen it.
inline constexpr std::size_t most_processes_named = 3;

/// Who used the CPUs while blocks were disturbed, over all scans that were made then.
class ForeignLoad {
 public:
  void add(const std::vector<BusyProcess>& scan);
  /// Programs by the mean over the scans, the busiest first; a process used nothing where a scan does not name it. So all are shares of the
  /// same time, and may be added up: the largest share that each ever had may not. Those that used next to nothing are left out.
  [[nodiscard]] std::vector<BusyProcess> busiest(std::size_t most) const;

 private:
  /// A build's compilers live for seconds each, and only together are they a load.
  struct Program {
    std::set<pid_t> pids;
    double cpus = 0.0;
  };
  std::map<std::string, Program> programs_;
  double scans_ = 0.0;
};

/// Of two times, each program by the one in which it was busier. Workers that go before other programs leave a load little while blocks are
/// timed; who it is shows while engines are loaded.
[[nodiscard]] std::vector<BusyProcess> busiest_of_both(const ForeignLoad& one, const ForeignLoad& other, std::size_t most);

}  // namespace podium::machine
