#include "core/environment.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "core/cgroup.h"
#include "core/text.h"
#include "podium/version.h"

namespace podium {

namespace fs = std::filesystem;

namespace {

/// Instruction sets that decide how fast a model runs, as /proc/cpuinfo spells them.
constexpr std::string_view interesting_isa[] = {
    "sse4_2",   "avx",      "f16c",     "fma",   "avx2",    "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni",
    "amx_tile", "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "i8mm",        "bf16",        "sve",         "sve2",
};

std::string trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\"");
  if (first == std::string_view::npos) return {};
  const std::size_t last = text.find_last_not_of(" \t\r\n\"");
  return std::string(text.substr(first, last - first + 1));
}

/// The value of the first line "key<separator>value" of a file, trimmed; empty where there is none.
std::string value_of(const fs::path& file, std::string_view key, char separator) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && trim(std::string_view(line).substr(0, at)) == key) return trim(std::string_view(line).substr(at + 1));
  }
  return {};
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return trim(line);
}

/// A line of /proc/meminfo, which counts in kiB.
std::int64_t meminfo_bytes(std::string_view key) {
  std::istringstream stream(value_of("/proc/meminfo", key, ':'));
  std::int64_t kibibytes = 0;
  stream >> kibibytes;
  return kibibytes * 1024;
}

std::int64_t cpus_in_affinity_mask() {
  // The kernel's mask may be wider than cpu_set_t on large machines, so grow until it fits.
  for (std::size_t count = 1024; count <= (std::size_t{1} << 20); count *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(count), [](cpu_set_t* mask) { CPU_FREE(mask); });
    const std::size_t size = CPU_ALLOC_SIZE(count);
    if (set && ::sched_getaffinity(0, size, set.get()) == 0) return CPU_COUNT_S(size, set.get());
  }
  return std::max<std::int64_t>(1, std::thread::hardware_concurrency());
}

std::string cpu_name() {
  std::string name = value_of("/proc/cpuinfo", "model name", ':');
  if (name.empty()) name = value_of("/proc/cpuinfo", "Model", ':');
  if (!name.empty()) return printable(name);
  utsname system{};
  ::uname(&system);
  const std::string part = value_of("/proc/cpuinfo", "CPU part", ':');
  return part.empty() ? std::string(system.machine) : fmt::format("{} (part {})", system.machine, part);
}

std::vector<std::string> instruction_sets() {
  std::string flags = value_of("/proc/cpuinfo", "flags", ':');
  if (flags.empty()) flags = value_of("/proc/cpuinfo", "Features", ':');
  const std::vector<std::string> parts = split(flags, ' ');
  const std::set<std::string_view> present(parts.begin(), parts.end());
  std::vector<std::string> found;
  for (const std::string_view name : interesting_isa) {
    if (present.contains(name)) found.emplace_back(name);
  }
  return found;
}

std::string operating_system() {
  utsname system{};
  ::uname(&system);
  const std::string name = value_of("/etc/os-release", "PRETTY_NAME", '=');
  return printable(fmt::format("{}, Linux {}", name.empty() ? "unknown distribution" : name, system.release));
}

std::string gpu_names() {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/driver/nvidia/gpus", error)) {
    if (std::string name = value_of(entry.path() / "information", "Model", ':'); !name.empty()) names.insert(std::move(name));
  }
  return printable(join({names.begin(), names.end()}, ", "));
}

/// The version in "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54  …": its first word that begins with a digit and has a dot.
std::string driver_version() {
  std::istringstream words(value_of("/proc/driver/nvidia/version", "NVRM version", ':'));
  for (std::string word; words >> word;) {
    if (word.find('.') != std::string::npos && word.find_first_not_of("0123456789.") == std::string::npos) return word;
  }
  return {};
}

void warn_of_build(Environment& environment) {
  if (environment.build_type == "release" || environment.build_type == "test") return;
  environment.warnings.push_back(fmt::format(
      "This is a '{}' build of Podium; measure with 'cmake --preset release && cmake --build --preset release'.", environment.build_type));
}

}  // namespace

std::int64_t usable_cpus() {
  const std::int64_t allowed = cpus_in_affinity_mask();
  const std::optional<double> quota = read_cgroup_limits().cpus;
  if (!quota) return allowed;
  // Rounded down: a thread more than the quota gets all of them stopped part of the time.
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(*quota)), 1, allowed);
}

std::int64_t available_memory_bytes() {
  const std::int64_t available = meminfo_bytes("MemAvailable");
  return std::min(available, read_cgroup_limits().memory_available_bytes.value_or(available));
}

Environment read_environment() {
  const CgroupLimits limits = read_cgroup_limits();
  Environment environment;
  environment.cpu = cpu_name();
  environment.isa = instruction_sets();
  environment.cores = usable_cpus();
  const std::int64_t memory = meminfo_bytes("MemTotal");
  environment.memory_bytes = std::min(memory, limits.memory_bytes.value_or(memory));
  environment.gpu = gpu_names();
  environment.driver = driver_version();
  environment.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  environment.os = operating_system();
  environment.podium_version = version();
  environment.build_type = build_type();
  warn_of_build(environment);
  return environment;
}

}  // namespace podium
