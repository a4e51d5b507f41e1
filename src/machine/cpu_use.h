#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace podium::machine {

/// Seconds since boot that CPUs spent, summed over those asked for. The kernel writes them in steps of 10 ms.
struct CpuTimes {
  double busy = 0.0;  ///< user, nice, system and interrupts
  double idle = 0.0;  ///< and waiting for disks
  double steal = 0.0;
};

/// From /proc/stat, of `cpus` only; nothing where one of them cannot be read.
[[nodiscard]] std::optional<CpuTimes> read_cpu_times(const std::filesystem::path& root, const std::vector<int>& cpus);

/// One line of /proc/PID/stat.
struct ProcessTimes {
  std::string name;
  pid_t parent = 0;
  double own_s = 0.0;       ///< used by the process's threads
  double children_s = 0.0;  ///< used by children that it has waited for
};
[[nodiscard]] std::optional<ProcessTimes> parse_process_times(const std::string& stat);

/// CPU seconds of `process` and all its descendants, children that ended included. To the nanosecond where `root` is this machine.
[[nodiscard]] double tree_cpu_seconds(const std::filesystem::path& root, pid_t process);
/// CPU seconds of this process itself.
[[nodiscard]] double own_cpu_seconds(const std::filesystem::path& root);

/// A process that is not ours, with the CPUs that it kept busy: 1.0 is one whole CPU. Or all of one name.
struct BusyProcess {
  pid_t pid = 0;  ///< where it is one
  std::string name;
  double cpus = 0.0;
  std::size_t processes = 1;
};

/// Who uses the CPUs besides this process and its descendants, between two scans of /proc. A scan takes some milliseconds.
class ForeignProcesses {
 public:
  explicit ForeignProcesses(std::filesystem::path root = "/");
  /// The busiest first, since the scan before this one (or since construction); `seconds` is the time between the two.
  [[nodiscard]] std::vector<BusyProcess> busiest_since_last_scan(double seconds, std::size_t most = 3);

 private:
  std::filesystem::path root_;
  std::map<pid_t, ProcessTimes> last_;
};

/// "stress (4711, 98 % of a CPU), cc1plus (37 processes, 20 % of a CPU)"; empty for none.
[[nodiscard]] std::string describe(const std::vector<BusyProcess>& processes);

}  // namespace podium::machine
