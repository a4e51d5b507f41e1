#pragma once

/// NVIDIA's management library as far as Podium calls it, declared here from its documentation: its header comes with CUDA's toolkit, its
/// library with every driver.
namespace podium::machine::nvml {

using Device = struct Opaque*;
using Status = int;  ///< 0 is success

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
struct Utilization {
  unsigned int gpu;  ///< per cent of the last sampling period
  unsigned int memory;
};
struct ViolationTime {
  unsigned long long reference_us;
  unsigned long long violation_ns;  ///< since the driver was loaded
};

struct ComputingProcess {
  unsigned int pid;
  unsigned long long memory_bytes;
  unsigned int gpu_instance;
  unsigned int compute_instance;
};
struct ProcessUse {
  unsigned int pid;
  unsigned long long at_us;  ///< of the clock of day
  unsigned int kernels;      ///< per cent of the time, in which one ran
  unsigned int memory;
  unsigned int encoder;
  unsigned int decoder;
};

constexpr Status nothing_found = 6;
constexpr Status too_little_room = 7;

enum Clock { multiprocessor_clock = 1, memory_clock = 2 };
enum Policy { power_policy = 0, thermal_policy = 1, board_limit_policy = 3 };
constexpr int temperature_of_chip = 0;

/// Each null where the driver's library has no such function, but for the first three.
struct Functions {
  Status (*init)() = nullptr;
  Status (*count)(unsigned int*) = nullptr;
  Status (*handle)(unsigned int, Device*) = nullptr;
  Status (*shutdown)() = nullptr;
  const char* (*error)(Status) = nullptr;
  Status (*driver)(char*, unsigned int) = nullptr;
  Status (*name)(Device, char*, unsigned int) = nullptr;
  Status (*uuid)(Device, char*, unsigned int) = nullptr;
  Status (*capability)(Device, int*, int*) = nullptr;
  Status (*memory)(Device, Memory*) = nullptr;
  Status (*utilization)(Device, Utilization*) = nullptr;
  Status (*clock)(Device, Clock, unsigned int*) = nullptr;
  Status (*highest_clock)(Device, Clock, unsigned int*) = nullptr;
  Status (*temperature)(Device, int, unsigned int*) = nullptr;
  Status (*power)(Device, unsigned int*) = nullptr;
  Status (*power_limit)(Device, unsigned int*) = nullptr;
  Status (*energy)(Device, unsigned long long*) = nullptr;
  Status (*throttle_reasons)(Device, unsigned long long*) = nullptr;
  Status (*violation)(Device, Policy, ViolationTime*) = nullptr;
  Status (*persistence)(Device, unsigned int*) = nullptr;
  Status (*computing_processes)(Device, unsigned int*, ComputingProcess*) = nullptr;
  Status (*process_use)(Device, ProcessUse*, unsigned int*, unsigned long long since_us) = nullptr;
};

}  // namespace podium::machine::nvml
