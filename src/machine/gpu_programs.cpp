#include "machine/gpu_programs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "core/text.h"
#include "machine/cpu_use.h"
#include "machine/proc_files.h"

namespace podium::machine {

namespace {

using std::chrono::microseconds;

std::optional<ProcessTimes> process_times(pid_t pid) {
  const auto stat = read_small_file(std::filesystem::path("/proc") / std::to_string(pid) / "stat");
  return stat ? parse_process_times(*stat) : std::nullopt;
}

/// Whether following parents from `pid` leads to this process.
bool descends_from_us(pid_t pid) {
  constexpr int deepest = 1000;  // parents change while one looks, so a chain might close
  for (int steps = 0; pid > 0 && steps < deepest; ++steps) {
    if (pid == ::getpid()) return true;
    const auto times = process_times(pid);
    if (!times) return false;
    pid = times->parent;
  }
  return false;
}

std::string name_of(pid_t pid) {
  const auto times = process_times(pid);
  return times ? times->name : "a program that has ended";
}

void sort_by_share(std::vector<GpuProgram>& programs) {
  std::stable_sort(programs.begin(), programs.end(), [](const GpuProgram& a, const GpuProgram& b) { return a.share > b.share; });
}

}  // namespace

ForeignGpuUse foreign_gpu_use(const Nvml& nvml, unsigned int number, std::chrono::duration<double> duration, std::set<pid_t>& ours) {
  constexpr std::chrono::duration<double> two_looks{0.34};
  const auto holders = nvml.computing_processes(number);
  if (!holders) return {{}, {}, holders.error().message};
  std::copy_if(holders->begin(), holders->end(), std::inserter(ours, ours.end()), descends_from_us);
  const auto is_ours = [&ours](pid_t pid) { return ours.contains(pid) || descends_from_us(pid); };
  // In a container the driver may number processes as the host does; then nobody can tell which are others'.
  if (std::none_of(holders->begin(), holders->end(), is_ours))
    return {{}, {}, "the driver does not list this run's own worker among the processes on the GPU"};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto used = nvml.process_use(number, std::chrono::duration_cast<microseconds>(now - duration - two_looks));
  if (!used) return {{}, {}, used.error().message};
  if (used->empty()) return {};  // it has not looked since
  ForeignGpuUse use;
  use.share = 0.0;
  for (const GpuProcessUse& process : *used) {
    if (process.busy_share <= 0.0 || is_ours(process.pid)) continue;
    use.programs.push_back({process.pid, name_of(process.pid), process.busy_share});
    use.share = std::min(1.0, *use.share + process.busy_share);
  }
  sort_by_share(use.programs);
  return use;
}

void tell_unknown_gpu_use(Cell& cell, const std::string& reason) {
  constexpr const char* key = "blocks.load.gpu.foreign_share";
  const auto any = [&cell](const auto& is) { return std::any_of(cell.blocks.begin(), cell.blocks.end(), is); };
  cell.missing.erase(key);
  if (!any([](const Block& block) { return block.load.gpu.has_value(); })) return;
  if (any([](const Block& block) { return block.load.gpu && block.load.gpu->foreign_share; })) return;
  cell.missing[key] = reason.empty() ? "the driver did not look at the GPU during any block" : reason;
}

std::vector<GpuProgram> busiest_programs(std::span<const GpuLoad* const> blocks, std::size_t most) {
  std::map<std::int64_t, GpuProgram> by_pid;
  for (const GpuLoad* load : blocks) {
    if (!load->foreign) continue;
    for (const GpuProgram& program : *load->foreign) {
      GpuProgram& sum = by_pid[program.pid];
      sum.pid = program.pid;
      sum.name = program.name;
      sum.share += program.share / static_cast<double>(blocks.size());
    }
  }
  std::vector<GpuProgram> programs;
  for (auto& [pid, program] : by_pid) programs.push_back(std::move(program));
  sort_by_share(programs);
  if (programs.size() > most) programs.resize(most);
  return programs;
}

std::string describe(const std::vector<GpuProgram>& programs) {
  std::vector<std::string> parts;
  for (const GpuProgram& program : programs)
    parts.push_back(fmt::format("{} ({}, {:.0f} % of the GPU)", printable(program.name), program.pid, 100.0 * program.share));
  return join(parts, ", ");
}

}  // namespace podium::machine
