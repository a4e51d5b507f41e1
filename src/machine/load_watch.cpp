#include "machine/load_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/cgroup.h"
#include "core/text.h"
#include "machine/pinning.h"
#include "machine/proc_files.h"

namespace podium::machine {

namespace fs = std::filesystem;

namespace {

/// Cores count their own events; a package's is the same for each of its CPUs, so it is read once.
std::vector<fs::path> find_throttle_counters(const fs::path& root, const std::vector<UsableCpu>& usable, const std::vector<int>& cpus) {
  std::vector<fs::path> counters;
  std::vector<int> packages;
  std::vector<std::pair<int, int>> cores;
  const auto add = [&counters](const fs::path& counter) {
    if (read_number(counter)) counters.push_back(counter);
  };
  for (const UsableCpu& cpu : usable) {
    if (std::find(cpus.begin(), cpus.end(), cpu.cpu) == cpus.end()) continue;
    const fs::path folder = root / fmt::format("sys/devices/system/cpu/cpu{}/thermal_throttle", cpu.cpu);
    const std::pair<int, int> core{cpu.package, cpu.core};
    if (std::find(cores.begin(), cores.end(), core) == cores.end()) {
      cores.push_back(core);
      add(folder / "core_throttle_count");
    }
    if (std::find(packages.begin(), packages.end(), cpu.package) == packages.end()) {
      packages.push_back(cpu.package);
      add(folder / "package_throttle_count");
    }
  }
  return counters;
}

/// With the other hyper-threads of their cores: what is busy there takes half of a core away, whether we may run there or not.
std::vector<int> with_siblings(const fs::path& root, std::vector<int> cpus) {
  const std::vector<int> given = cpus;
  for (const int cpu : given) {
    const fs::path list = root / fmt::format("sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu);
    for (const int sibling : parse_cpu_list(read_line(list))) {
      const bool is_known = std::find(cpus.begin(), cpus.end(), sibling) != cpus.end();
      if (!is_known && read_cpu_times(root, {sibling})) cpus.push_back(sibling);
    }
  }
  return cpus;
}

/// Seconds in which the quota stopped threads, summed over CPUs: version 2 in microseconds, version 1 in nanoseconds.
std::optional<double> throttled_seconds(const fs::path& file) {
  const std::string text = read_small_file(file).value_or("");
  if (const auto microseconds = keyed_number(text, "throttled_usec")) return 1e-6 * static_cast<double>(*microseconds);
  if (const auto nanoseconds = keyed_number(text, "throttled_time")) return 1e-9 * static_cast<double>(*nanoseconds);
  return std::nullopt;
}

}  // namespace

LoadWatch::LoadWatch(fs::path root, std::vector<int> cpus, std::optional<GpuWatch> gpu)
    : root_(std::move(root)), cpus_(std::move(cpus)), energy_(root_), gpu_(std::move(gpu)) {
  const std::vector<UsableCpu> usable = read_usable_cpus(root_);
  if (cpus_.empty()) {
    for (const UsableCpu& cpu : usable) cpus_.push_back(cpu.cpu);
  }
  throttle_counters_ = find_throttle_counters(root_, usable, cpus_);
  cpus_ = with_siblings(root_, std::move(cpus_));
  for (const fs::path& folder : cpu_group_folders(root_)) {
    if (throttled_seconds(folder / "cpu.stat")) quota_files_.push_back(folder / "cpu.stat");
  }
}

LoadReading LoadWatch::read() const {
  LoadReading reading;
  reading.cpus = read_cpu_times(root_, cpus_);
  reading.ours_s = own_cpu_seconds(root_) + (worker_ > 0 ? tree_cpu_seconds(root_, worker_) : 0.0);
  for (const fs::path& file : quota_files_) reading.throttled_s = reading.throttled_s.value_or(0.0) + throttled_seconds(file).value_or(0.0);
  for (const fs::path& file : throttle_counters_)
    reading.thermal_throttles = reading.thermal_throttles.value_or(0) + read_number(file).value_or(0);
  reading.energy_uj = energy_.read();
  return reading;
}

void LoadWatch::begin(pid_t worker) {
  worker_ = worker;
  before_ = read();
  if (gpu_) gpu_->begin();
  began_ = std::chrono::steady_clock::now();
}

BlockLoad LoadWatch::end() {
  return end(std::chrono::steady_clock::now() - began_);
}

BlockLoad LoadWatch::end(std::chrono::duration<double> elapsed) {
  std::optional<GpuLoad> gpu;
  if (gpu_) gpu = gpu_->end(elapsed.count());  // first, while the GPU still is as the block left it
  const LoadReading after = read();
  BlockLoad load = load_between(before_, after, elapsed.count(), cpus_.size());
  load.energy_j = energy_.joules(before_.energy_uj, after.energy_uj);
  load.gpu = std::move(gpu);
  return load;
}

BlockLoad load_between(const LoadReading& before, const LoadReading& after, double elapsed_s, std::size_t cpus) {
  BlockLoad load;
  const double available = elapsed_s * static_cast<double>(cpus);
  if (available <= 0.0) return load;
  const auto share = [available](double seconds) { return std::clamp(seconds / available, 0.0, 1.0); };
  if (before.cpus && after.cpus) {
    const double steal = after.cpus->steal - before.cpus->steal;
    const double idle = after.cpus->idle - before.cpus->idle;
    const double busy = after.cpus->busy - before.cpus->busy;
    const double ours = after.ours_s - before.ours_s;
    load.steal_share = share(steal);
    // Busy time is sampled by the timer tick and idle time is measured, so each errs in its own way; a real load shows in both.
    load.foreign_share = share(std::min(busy, available - idle - steal) - ours);
  }
  // The kernel adds up the CPUs that were stopped; how many they were is not told, and one stopped thread holds up all.
  if (before.throttled_s && after.throttled_s)
    load.throttled_share = std::clamp((*after.throttled_s - *before.throttled_s) / elapsed_s, 0.0, 1.0);
  if (before.thermal_throttles && after.thermal_throttles)
    load.thermal_throttles = std::max<std::int64_t>(0, *after.thermal_throttles - *before.thermal_throttles);
  return load;
}

}  // namespace podium::machine
