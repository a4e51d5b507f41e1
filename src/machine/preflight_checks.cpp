#include "machine/preflight_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "core/cgroup.h"
#include "core/numbers.h"
#include "core/text.h"
#include "machine/evidence.h"
#include "machine/priority.h"
#include "machine/proc_files.h"

namespace podium::machine {

namespace fs = std::filesystem;

namespace {

std::string known(const std::string& text) {
  return text.empty() ? not_readable : printable(text);
}

/// What the files `name` of all usable CPUs say: one value, or several with commas.
std::string of_all_cpus(const CheckInput& input, const char* name) {
  std::set<std::string> values;
  for (const UsableCpu& cpu : input.usable) {
    if (std::string value = read_line(input.root / fmt::format("sys/devices/system/cpu/cpu{}/{}", cpu.cpu, name)); !value.empty())
      values.insert(std::move(value));
  }
  return join({values.begin(), values.end()}, ", ");
}

void check_governor(const CheckInput& input, PreflightReport& report) {
  const std::string governor = of_all_cpus(input, "cpufreq/scaling_governor");
  report.facts["cpu_governor"] = known(governor);
  if (governor.empty() || governor == "performance") return;
  const bool saves = governor.find("powersave") != std::string::npos;
  report.findings.push_back({saves ? Severity::bad : Severity::warning,
                             fmt::format("The CPU frequency governor is '{}', so clocks change while measuring", printable(governor)),
                             "set it with 'sudo cpupower frequency-set -g performance'"});
}

void check_frequency(const CheckInput& input, PreflightReport& report) {
  if (input.usable.empty()) return;
  const fs::path folder = input.root / fmt::format("sys/devices/system/cpu/cpu{}/cpufreq", input.usable.front().cpu);
  const auto lowest = read_number(folder / "scaling_min_freq");
  const auto highest = read_number(folder / "scaling_max_freq");
  const auto now = read_number(folder / "scaling_cur_freq");
  const auto hardware = read_number(folder / "cpuinfo_max_freq");
  std::string& fact = report.facts["cpu_frequency"] = not_readable;
  if (!lowest || !highest) return;
  fact = fmt::format("{} to {} MHz{}", *lowest / 1000, *highest / 1000, now ? fmt::format(", now {} MHz", *now / 1000) : "");
  if (!hardware || *highest >= *hardware) return;
  report.findings.push_back(
      {Severity::warning, fmt::format("The CPUs are capped at {} of {} MHz", *highest / 1000, *hardware / 1000),
       fmt::format("lift the cap with 'sudo cpupower frequency-set -u {}MHz', where it is not meant", *hardware / 1000)});
}

void check_turbo(const CheckInput& input, PreflightReport& report) {
  const fs::path folder = input.root / "sys/devices/system/cpu";
  const auto none = read_number(folder / "intel_pstate/no_turbo");
  const auto boost = read_number(folder / "cpufreq/boost");
  std::string& fact = report.facts["turbo"] = not_readable;
  if (none) fact = *none != 0 ? "off" : "on";
  if (!none && boost) fact = *boost != 0 ? "on" : "off";
}

void check_topology(const CheckInput& input, PreflightReport& report) {
  const auto smt = read_number(input.root / "sys/devices/system/cpu/smt/active");
  std::set<std::pair<int, int>> cores;
  for (const UsableCpu& cpu : input.usable) cores.emplace(cpu.package, cpu.core);
  report.facts["smt"] =
      smt ? fmt::format("{}; {} usable CPUs on {} cores", *smt != 0 ? "on" : "off", input.usable.size(), cores.size()) : not_readable;
  const std::string nodes = read_line(input.root / "sys/devices/system/node/online");
  const std::size_t count = parse_cpu_list(nodes).size();
  report.facts["numa"] = nodes.empty() ? not_readable : fmt::format("{} {}", count, count == 1 ? "node" : "nodes");
}

void check_quota(const CheckInput& input, PreflightReport& report) {
  std::vector<int> cpus;
  for (const UsableCpu& cpu : input.usable) cpus.push_back(cpu.cpu);
  report.facts["cpuset"] = known(cpu_list_text(cpus));
  const auto quota = read_cgroup_limits(input.root).cpus;
  report.facts["cpu_quota"] = quota ? fmt::format("{:.2f} CPUs", *quota) : "none";
  // Rounded like the quota's own use in core/environment.h, so that the default number of threads never breaks it.
  if (quota && *quota < static_cast<double>(input.threads)) {
    report.findings.push_back(
        {Severity::bad,
         fmt::format("A control group allows {:.1f} CPUs on average and stops {} threads that use more", *quota, input.threads),
         fmt::format("use --threads {}, or give CPUs instead of a quota ('taskset', 'docker run --cpuset-cpus')",
                     std::max(1, static_cast<int>(std::floor(*quota))))});
  }
}

/// How far a share read over a look of this length may be wrong for want of resolution is evidence_against's to know.
bool is_evident(const CheckInput& input, const BlockLoad& load) {
  return evidence_against(load, std::chrono::duration<double>(input.look_s), input.watched_cpus).has_value();
}

void check_other_load(const CheckInput& input, PreflightReport& report) {
  const auto percent = [](const std::optional<double>& share) {
    return share ? fmt::format("{:.0f} % of the CPUs", 100.0 * *share) : std::string(not_readable);
  };
  report.facts["foreign_load"] = percent(input.load.foreign_share);
  report.facts["steal"] = percent(input.load.steal_share);
  report.facts["load_average"] = known(read_line(input.root / "proc/loadavg"));
  report.facts["busy_processes"] = input.busiest.empty() ? "none" : describe(input.busiest);
  BlockLoad foreign;
  foreign.foreign_share = input.load.foreign_share;
  if (is_evident(input, foreign)) {
    report.findings.push_back({Severity::bad, fmt::format("Other programs take {}", percent(input.load.foreign_share)),
                               input.busiest.empty() ? "stop them, 'top' shows which" : fmt::format("stop {}", describe(input.busiest))});
  }
  BlockLoad steal;
  steal.steal_share = input.load.steal_share;
  if (is_evident(input, steal)) {
    report.findings.push_back({Severity::bad, fmt::format("The hypervisor takes {} away", percent(input.load.steal_share)),
                               "use a virtual machine with CPUs of its own, or another hour"});
  }
}

/// "avg10" of the line "some" of a pressure file: per cent of the last ten seconds.
std::optional<double> pressure(const fs::path& file) {
  constexpr std::string_view key = "some avg10=";
  const std::string text = read_line(file);
  return text.starts_with(key) ? std::optional(std::strtod(text.c_str() + key.size(), nullptr)) : std::nullopt;
}

void check_memory(const CheckInput& input, PreflightReport& report) {
  constexpr double most_pressure = 5.0;
  constexpr double least_available = 0.05;
  constexpr double much_swap = 0.01;
  const std::string memory = read_small_file(input.root / "proc/meminfo").value_or("");
  const auto bytes = [&memory](const char* key) {
    const auto kibibytes = keyed_number(memory, key);
    return kibibytes ? std::optional(1024.0 * static_cast<double>(*kibibytes)) : std::nullopt;
  };
  const auto total = bytes("MemTotal");
  const auto available = bytes("MemAvailable");
  const auto waiting = pressure(input.root / "proc/pressure/memory");
  report.facts["memory_available"] = available ? human_bytes(*available) : not_readable;
  report.facts["memory_pressure"] = waiting ? fmt::format("{:.1f} % of the last 10 s", *waiting) : not_readable;
  const bool is_short = total && available && *available < least_available * *total;
  if (is_short || waiting.value_or(0.0) > most_pressure) {
    report.findings.push_back({Severity::bad,
                               is_short ? fmt::format("Only {} of memory are available", human_bytes(*available))
                                        : fmt::format("Programs waited for memory {:.0f} % of the last 10 s", *waiting),
                               "close programs that hold much memory"});
  }
  const auto swap_total = bytes("SwapTotal");
  const auto swap_free = bytes("SwapFree");
  report.facts["swap_used"] = swap_total && swap_free ? human_bytes(*swap_total - *swap_free) : not_readable;
  if (total && swap_total && swap_free && *swap_total - *swap_free > much_swap * *total) {
    report.findings.push_back({Severity::warning,
                               fmt::format("{} of memory are swapped out, which makes times jump", human_bytes(*swap_total - *swap_free)),
                               "close programs, then 'sudo swapoff -a && sudo swapon -a'"});
  }
}

void check_heat(const CheckInput& input, PreflightReport& report) {
  std::optional<std::int64_t> hottest;
  std::error_code error;
  for (fs::directory_iterator zone(input.root / "sys/class/thermal", error), end; !error && zone != end; zone.increment(error)) {
    if (const auto temperature = read_number(zone->path() / "temp")) hottest = std::max(hottest.value_or(*temperature), *temperature);
  }
  report.facts["temperature"] =
      hottest ? fmt::format("{:.0f} °C in the hottest zone", static_cast<double>(*hottest) / 1000.0) : not_readable;
  const auto& throttles = input.load.thermal_throttles;
  report.facts["thermal_throttles"] = throttles ? fmt::format("{} during the look", *throttles) : not_readable;
  if (throttles.value_or(0) > 0)
    report.findings.push_back({Severity::bad, "The processor slows itself down because it is too hot", "let it cool, and check its fan"});
}

void check_kind(const CheckInput& input, PreflightReport& report) {
  const std::string cpuinfo = read_small_file(input.root / "proc/cpuinfo").value_or("");
  report.facts["virtual_machine"] = cpuinfo.empty() ? not_readable : cpuinfo.find(" hypervisor") != std::string::npos ? "yes" : "no";
  report.facts["pinning"] = describe(pin_plan(input.usable, input.threads));
  report.facts["priority"] = input.root == "/" ? describe_priority() : not_readable;
}

}  // namespace

const std::vector<Check>& preflight_checks() {
  static const std::vector<Check> checks{check_governor,   check_frequency, check_turbo, check_topology, check_quota,
                                         check_other_load, check_memory,    check_heat,  check_kind,     check_gpu};
  return checks;
}

}  // namespace podium::machine
