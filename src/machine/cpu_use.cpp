#include "machine/cpu_use.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <set>
#include <sstream>

#include "core/text.h"
#include "machine/proc_files.h"

namespace podium::machine {

namespace fs = std::filesystem;

namespace {

double tick_seconds() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  return 1.0 / static_cast<double>(ticks > 0 ? ticks : 100);
}

/// CPU time of all threads of a process, to the nanosecond; only of a process of this machine.
std::optional<double> exact_cpu_seconds(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::optional<ProcessTimes> read_process_times(const fs::path& root, const std::string& process) {
  const std::optional<std::string> stat = read_small_file(root / "proc" / process / "stat");
  return stat ? parse_process_times(*stat) : std::nullopt;
}

/// Children are listed by the thread that forked them.
std::vector<pid_t> children_of(const fs::path& root, pid_t process) {
  std::vector<pid_t> children;
  std::error_code error;
  for (fs::directory_iterator entry(root / "proc" / std::to_string(process) / "task", error), end; !error && entry != end;
       entry.increment(error)) {
    std::istringstream list(read_small_file(entry->path() / "children").value_or(""));
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

std::map<pid_t, ProcessTimes> scan(const fs::path& root) {
  std::map<pid_t, ProcessTimes> found;
  std::error_code error;
  for (fs::directory_iterator entry(root / "proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) continue;
    if (const auto times = read_process_times(root, name)) found.emplace(pid, *times);
  }
  return found;
}

/// Whether following parents from `pid` leads to `ancestor`.
bool descends_from(pid_t pid, pid_t ancestor, const std::map<pid_t, ProcessTimes>& processes) {
  for (std::size_t steps = 0; steps <= processes.size(); ++steps) {
    if (pid == ancestor) return true;
    const auto process = processes.find(pid);
    if (process == processes.end()) return false;
    pid = process->second.parent;
  }
  return false;
}

}  // namespace

std::optional<CpuTimes> read_cpu_times(const fs::path& root, const std::vector<int>& cpus) {
  const std::optional<std::string> text = read_small_file(root / "proc/stat");
  if (!text || cpus.empty()) return std::nullopt;
  std::set<std::string> wanted;
  for (const int cpu : cpus) wanted.insert(fmt::format("cpu{}", cpu));
  CpuTimes sum;
  std::size_t found = 0;
  for (const std::string& line : split(*text, '\n')) {
    std::istringstream words(line);
    std::string name;
    if (!(words >> name) || !wanted.contains(name)) continue;
    std::array<double, 8> ticks{};  // user nice system idle iowait irq softirq steal; guests are in user already
    for (double& value : ticks) words >> value;
    if (!words) return std::nullopt;
    sum.busy += (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) * tick_seconds();
    sum.idle += (ticks[3] + ticks[4]) * tick_seconds();
    sum.steal += ticks[7] * tick_seconds();
    ++found;
  }
  return found == wanted.size() ? std::optional(sum) : std::nullopt;
}

std::optional<ProcessTimes> parse_process_times(const std::string& stat) {
  // "PID (NAME) STATE PARENT …", and NAME may hold anything, parentheses too.
  const std::size_t open = stat.find('(');
  const std::size_t close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  std::istringstream words(stat.substr(close + 1));
  std::string state;
  ProcessTimes times;
  words >> state >> times.parent;
  std::string ignored;
  for (int field = 0; field < 9; ++field) words >> ignored;
  double user = 0.0;
  double system = 0.0;
  double children_user = 0.0;
  double children_system = 0.0;
  if (!(words >> user >> system >> children_user >> children_system)) return std::nullopt;
  times.name = printable(stat.substr(open + 1, close - open - 1));
  times.own_s = (user + system) * tick_seconds();
  times.children_s = (children_user + children_system) * tick_seconds();
  return times;
}

double tree_cpu_seconds(const fs::path& root, pid_t process) {
  double sum = 0.0;
  std::vector<pid_t> tree{process};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const pid_t member = tree[i];
    const std::vector<pid_t> children = children_of(root, member);
    tree.insert(tree.end(), children.begin(), children.end());
    const auto times = read_process_times(root, std::to_string(member));
    if (!times) continue;
    const auto exact = root == "/" ? exact_cpu_seconds(member) : std::nullopt;
    sum += exact.value_or(times->own_s) + times->children_s;
  }
  return sum;
}

double own_cpu_seconds(const fs::path& root) {
  if (root == "/") return exact_cpu_seconds(::getpid()).value_or(0.0);
  const auto times = read_process_times(root, "self");
  return times ? times->own_s : 0.0;
}

ForeignProcesses::ForeignProcesses(fs::path root) : root_(std::move(root)), last_(scan(root_)) {}

std::vector<BusyProcess> ForeignProcesses::busiest_since_last_scan(double seconds, std::size_t most) {
  constexpr double worth_naming = 0.05;
  std::map<pid_t, ProcessTimes> now = scan(root_);
  std::vector<BusyProcess> busy;
  for (const auto& [pid, times] : now) {
    const auto before = last_.find(pid);
    const double used = times.own_s - (before == last_.end() ? 0.0 : before->second.own_s);
    if (seconds <= 0.0 || used / seconds < worth_naming || descends_from(pid, ::getpid(), now)) continue;
    busy.push_back({pid, times.name, used / seconds});
  }
  std::stable_sort(busy.begin(), busy.end(), [](const BusyProcess& a, const BusyProcess& b) { return a.cpus > b.cpus; });
  if (busy.size() > most) busy.resize(most);
  last_ = std::move(now);
  return busy;
}

std::string describe(const std::vector<BusyProcess>& processes) {
  std::vector<std::string> parts;
  for (const BusyProcess& process : processes) {
    const std::string which = process.processes == 1 ? std::to_string(process.pid) : fmt::format("{} processes", process.processes);
    parts.push_back(fmt::format("{} ({}, {:.0f} % of a CPU)", process.name, which, 100.0 * process.cpus));
  }
  return join(parts, ", ");
}

}  // namespace podium::machine
