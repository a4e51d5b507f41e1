// NVIDIA's management library for two GPUs whose readings stand in the file that PODIUM_TEST_NVML names, as lines "key value": a test
// writes the file anew to let time pass. A key that is missing is a function that fails.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

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
int nvmlDeviceGetPersistenceMode(Gpu*, unsigned int* mode) {
  return integer("persistence", mode);
}
#endif
}
