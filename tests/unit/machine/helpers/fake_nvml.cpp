// NVIDIA's management library for two GPUs whose readings stand in the file that PODIUM_TEST_NVML names, as lines "key value": a test
// writes the file anew to let time pass. A key that is missing is a function that fails.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int not_supported = 3;

int number(const char* key, double& value) {
  const char* file = std::getenv("PODIUM_TEST_NVML");
  std::ifstream lines(file == nullptr ? "" : file);
  std::string name;
  while (lines >> name >> value) {
    if (name == key) return 0;
  }
  return not_supported;
}

template <typename Integer>
int integer(const char* key, Integer* out) {
  double value = 0.0;
  if (number(key, value) != 0) return not_supported;
  *out = static_cast<Integer>(value);
  return 0;
}

#ifndef OLD_DRIVER
/// The numbers behind each "PREFIX_PID" of the file; none where no line begins so.
std::vector<std::pair<unsigned int, double>> by_process(const std::string& prefix) {
  const char* file = std::getenv("PODIUM_TEST_NVML");
  std::ifstream lines(file == nullptr ? "" : file);
  std::vector<std::pair<unsigned int, double>> found;
  std::string name;
  double value = 0.0;
  while (lines >> name >> value) {
    if (name.rfind(prefix + "_", 0) == 0) found.emplace_back(static_cast<unsigned int>(std::stoul(name.substr(prefix.size() + 1))), value);
  }
  return found;
}

/// As the library lists: how many there are, and the entries where there is room for all.
template <typename Entry, typename Make>
int list(const std::vector<std::pair<unsigned int, double>>& all, Entry* entries, unsigned int* count, const Make& make) {
  constexpr int too_little_room = 7;
  const bool fits = all.size() <= *count;
  *count = static_cast<unsigned int>(all.size());
  if (!fits) return too_little_room;
  for (std::size_t i = 0; i < all.size(); ++i) entries[i] = make(all[i].first, all[i].second);
  return 0;
}
#endif

int text(const std::string& value, char* out, unsigned int size) {
  std::snprintf(out, size, "%s", value.c_str());
  return 0;
}

struct Gpu {
  int number;
};
Gpu gpus[] = {{0}, {1}};

struct Memory {
  unsigned long long total, free, used;
};
struct Utilization {
  unsigned int gpu, memory;
};
struct ViolationTime {
  unsigned long long reference, violation;
};
struct ComputingProcess {
  unsigned int pid;
  unsigned long long memory;
  unsigned int gpu_instance, compute_instance;
};
struct ProcessUse {
  unsigned int pid;
  unsigned long long at_us;
  unsigned int kernels, memory, encoder, decoder;
};

}  // namespace

extern "C" {
int nvmlInit_v2() {
  double status = 0.0;
  return number("init_status", status) == 0 ? static_cast<int>(status) : 0;
}
int nvmlDeviceGetCount_v2(unsigned int* count) {
  if (integer("gpus", count) != 0) *count = 2;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Gpu** gpu) {
  *gpu = &gpus[index];
  return 0;
}
int nvmlShutdown() {
  return 0;
}
int nvmlDeviceGetName(Gpu* gpu, char* name, unsigned int size) {
  return text("Test GPU " + std::to_string(gpu->number), name, size);
}
#ifndef OLD_DRIVER
const char* nvmlErrorString(int) {
  return "the driver is not loaded";
}
int nvmlSystemGetDriverVersion(char* version, unsigned int size) {
  return text("580.10", version, size);
}
int nvmlDeviceGetUUID(Gpu* gpu, char* uuid, unsigned int size) {
  return text(gpu->number == 0 ? "GPU-aaaa-0" : "GPU-bbbb-1", uuid, size);
}
int nvmlDeviceGetCudaComputeCapability(Gpu*, int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return 0;
}
int nvmlDeviceGetMemoryInfo(Gpu*, Memory* memory) {
  memory->total = 1000;
  return integer("memory_used", &memory->used);
}
int nvmlDeviceGetUtilizationRates(Gpu*, Utilization* use) {
  return integer("busy", &use->gpu);
}
int nvmlDeviceGetClockInfo(Gpu*, int clock, unsigned int* mhz) {
  return integer(clock == 1 ? "clock" : "memory_clock", mhz);
}
int nvmlDeviceGetMaxClockInfo(Gpu*, int, unsigned int* mhz) {
  *mhz = 1980;
  return 0;
}
int nvmlDeviceGetTemperature(Gpu*, int, unsigned int* degrees) {
  return integer("temperature", degrees);
}
int nvmlDeviceGetPowerUsage(Gpu*, unsigned int* milliwatts) {
  return integer("milliwatts", milliwatts);
}
int nvmlDeviceGetEnforcedPowerLimit(Gpu*, unsigned int* milliwatts) {
  *milliwatts = 700000;
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(Gpu*, unsigned long long* millijoules) {
  return integer("millijoules", millijoules);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(Gpu*, unsigned long long* reasons) {
  return integer("reasons", reasons);
}
int nvmlDeviceGetViolationStatus(Gpu*, int policy, ViolationTime* time) {
  return integer(policy == 0 ? "power_cap_ns" : policy == 1 ? "heat_ns" : "board_limit_ns", &time->violation);
}
int nvmlDeviceGetComputeRunningProcesses_v3(Gpu*, unsigned int* count, ComputingProcess* processes) {
  double refused = 0.0;
  if (number("lists_no_process", refused) == 0) return not_supported;
  return list(by_process("holds"), processes, count, [](unsigned int pid, double) { return ComputingProcess{pid, 1, 0, 0}; });
}
int nvmlDeviceGetProcessUtilization(Gpu*, ProcessUse* processes, unsigned int* count, unsigned long long) {
  constexpr int nothing_found = 6;
  double refused = 0.0;
  if (number("tells_no_use", refused) == 0) return not_supported;
  const auto all = by_process("uses");
  if (all.empty()) return nothing_found;
  return list(all, processes, count,
              [](unsigned int pid, double share) { return ProcessUse{pid, 1, static_cast<unsigned int>(share), 0, 0, 0}; });
}
int nvmlDeviceGetPersistenceMode(Gpu*, unsigned int* mode) {
  return integer("persistence", mode);
}
#endif
}
