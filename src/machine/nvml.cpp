#include "machine/nvml.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <utility>

#include "core/text.h"
#include "machine/nvml_functions.h"

namespace podium::machine {

namespace {

using nvml::Device;
using nvml::Functions;

/// The first of the names that the library has: later versions of NVML renamed some functions.
template <typename Function>
void find(void* library, Function& function, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (function == nullptr) function = reinterpret_cast<Function>(::dlsym(library, name));
  }
}

Functions find_all(void* library) {
  Functions f;
  find(library, f.init, {"nvmlInit_v2", "nvmlInit"});
  find(library, f.count, {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"});
  find(library, f.handle, {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"});
  find(library, f.shutdown, {"nvmlShutdown"});
  find(library, f.error, {"nvmlErrorString"});
  find(library, f.driver, {"nvmlSystemGetDriverVersion"});
  find(library, f.name, {"nvmlDeviceGetName"});
  find(library, f.uuid, {"nvmlDeviceGetUUID"});
  find(library, f.capability, {"nvmlDeviceGetCudaComputeCapability"});
  find(library, f.memory, {"nvmlDeviceGetMemoryInfo"});
  find(library, f.utilization, {"nvmlDeviceGetUtilizationRates"});
  find(library, f.clock, {"nvmlDeviceGetClockInfo"});
  find(library, f.highest_clock, {"nvmlDeviceGetMaxClockInfo"});
  find(library, f.temperature, {"nvmlDeviceGetTemperature"});
  find(library, f.power, {"nvmlDeviceGetPowerUsage"});
  find(library, f.power_limit, {"nvmlDeviceGetEnforcedPowerLimit"});
  find(library, f.energy, {"nvmlDeviceGetTotalEnergyConsumption"});
  find(library, f.throttle_reasons, {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
  find(library, f.violation, {"nvmlDeviceGetViolationStatus"});
  find(library, f.persistence, {"nvmlDeviceGetPersistenceMode"});
  find(library, f.computing_processes, {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
  find(library, f.process_use, {"nvmlDeviceGetProcessUtilization"});
  return f;
}

Result<void*> open_library(const std::filesystem::path& file) {
  // Never closed: a driver's library may have started threads.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  const char* reason = ::dlerror();
  return fail(ErrorCode::unavailable,
              fmt::format("NVIDIA's management library cannot be opened: {}", printable(reason == nullptr ? "no reason given" : reason)),
              "install NVIDIA's driver");
}

/// What a function that may be missing writes; nothing where it fails.
template <typename Value, typename Function, typename... Arguments>
std::optional<Value> ask(Function function, Arguments... arguments) {
  Value value{};
  if (function == nullptr || function(arguments..., &value) != 0) return std::nullopt;
  return value;
}

template <typename Function, typename... Arguments>
std::string ask_text(Function function, Arguments... arguments) {
  std::array<char, 128> text{};
  if (function == nullptr || function(arguments..., text.data(), static_cast<unsigned int>(text.size())) != 0) return {};
  text.back() = '\0';
  return printable(text.data());
}

std::string status_text(const Functions& functions, nvml::Status status) {
  return functions.error == nullptr ? fmt::format("status {}", status) : printable(functions.error(status));
}

/// A list that `fill(entries, count)` writes, where the driver says how much room it needs.
template <typename Entry, typename Fill>
Result<std::vector<Entry>> ask_list(const Functions& functions, const char* what, const Fill& fill) {
  constexpr int tries = 4;  // it grows while one asks
  nvml::Status status = nvml::too_little_room;
  std::vector<Entry> entries(64);
  for (int i = 0; i < tries && status == nvml::too_little_room; ++i) {
    auto count = static_cast<unsigned int>(entries.size());
    status = fill(entries.data(), &count);
    if (status == nvml::too_little_room) entries.resize(std::max<std::size_t>(count, 2 * entries.size()));
    if (status == nvml::nothing_found) count = 0;
    if (status == 0 || status == nvml::nothing_found) {
      entries.resize(std::min<std::size_t>(count, entries.size()));
      return entries;
    }
  }
  return fail(ErrorCode::unavailable, fmt::format("the driver does not tell {}: {}", what, status_text(functions, status)));
}

Error not_told(const char* what) {
  return {ErrorCode::unavailable, fmt::format("the driver does not tell {}", what), "install a newer one of NVIDIA's drivers"};
}

std::optional<double> scaled(const std::optional<unsigned long long>& value, double factor) {
  return value ? std::optional(static_cast<double>(*value) * factor) : std::nullopt;
}
std::optional<double> scaled(const std::optional<unsigned int>& value, double factor) {
  return value ? std::optional(static_cast<double>(*value) * factor) : std::nullopt;
}
std::optional<double> seconds_of(const std::optional<nvml::ViolationTime>& time) {
  return time ? std::optional(1e-9 * static_cast<double>(time->violation_ns)) : std::nullopt;
}
std::optional<std::int64_t> whole(const std::optional<unsigned int>& value) {
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

}  // namespace

std::filesystem::path Nvml::library() {
  const char* given = std::getenv("PODIUM_NVML");
  return given == nullptr || *given == '\0' ? "libnvidia-ml.so.1" : given;
}

std::string Nvml::visible_devices() {
  const char* given = std::getenv("CUDA_VISIBLE_DEVICES");
  return given == nullptr ? "" : given;
}

Result<std::shared_ptr<const Nvml>> Nvml::open(const std::filesystem::path& file) {
  const Result<void*> library = open_library(file);
  if (!library) return tl::unexpected(library.error());
  auto functions = std::make_unique<Functions>(find_all(*library));
  const Functions& f = *functions;
  if (f.init == nullptr || f.count == nullptr || f.handle == nullptr)
    return fail(ErrorCode::unavailable, fmt::format("'{}' is not NVIDIA's management library", printable(file.string())));
  if (const nvml::Status status = f.init(); status != 0) {
    return fail(ErrorCode::unavailable, fmt::format("NVIDIA's management library does not start: {}", status_text(f, status)));
  }
  const std::shared_ptr<Nvml> opened(new Nvml(std::move(functions)));
  const unsigned int count = ask<unsigned int>(f.count).value_or(0);
  for (unsigned int i = 0; i < count; ++i) opened->handles_.push_back(ask<Device>(f.handle, i).value_or(nullptr));
  if (count == 0) return fail(ErrorCode::unavailable, "NVIDIA's driver shows no GPU");
  return opened;
}

Nvml::Nvml(std::unique_ptr<Functions> functions) : functions_(std::move(functions)) {}

Nvml::~Nvml() {
  if (functions_->shutdown != nullptr) functions_->shutdown();
}

std::string Nvml::driver() const {
  return ask_text(functions_->driver);
}

std::string Nvml::uuid(unsigned int number) const {
  return ask_text(functions_->uuid, static_cast<Device>(handles_.at(number)));
}

/// "1,0" or "GPU-8932f937,…"; CUDA ends the list at the first entry that names no GPU.
std::vector<unsigned int> Nvml::visible_numbers(const std::string& visible) const {
  std::vector<unsigned int> numbers;
  if (visible.empty()) {
    for (unsigned int i = 0; i < handles_.size(); ++i) numbers.push_back(i);
    return numbers;
  }
  for (const std::string& entry : split(visible, ',')) {
    std::optional<unsigned int> found;
    for (unsigned int i = 0; i < handles_.size() && !found; ++i) {
      const bool is_uuid = entry.starts_with("GPU-") && uuid(i).starts_with(entry);
      if (is_uuid || entry == std::to_string(i)) found = i;
    }
    if (!found) break;
    numbers.push_back(*found);
  }
  return numbers;
}

std::optional<unsigned int> Nvml::number_of(int cuda_index, const std::string& visible) const {
  const std::vector<unsigned int> numbers = visible_numbers(visible);
  if (cuda_index < 0 || static_cast<std::size_t>(cuda_index) >= numbers.size()) return std::nullopt;
  return numbers[static_cast<std::size_t>(cuda_index)];
}

std::vector<Gpu> Nvml::gpus(const std::string& visible) const {
  std::vector<Gpu> all;
  for (const unsigned int number : visible_numbers(visible)) {
    const auto device = static_cast<Device>(handles_[number]);
    Gpu gpu;
    gpu.device = fmt::format("cuda:{}", all.size());
    gpu.name = ask_text(functions_->name, device);
    if (const auto memory = ask<nvml::Memory>(functions_->memory, device)) gpu.memory_bytes = static_cast<std::int64_t>(memory->total);
    int major = 0;
    int minor = 0;
    if (functions_->capability != nullptr && functions_->capability(device, &major, &minor) == 0)
      gpu.compute_capability = fmt::format("{}.{}", major, minor);
    all.push_back(std::move(gpu));
  }
  return all;
}

GpuLimits Nvml::limits(unsigned int number) const {
  const auto device = static_cast<Device>(handles_.at(number));
  GpuLimits limits;
  limits.clock_mhz = whole(ask<unsigned int>(functions_->highest_clock, device, nvml::multiprocessor_clock));
  limits.power_w = scaled(ask<unsigned int>(functions_->power_limit, device), 1e-3);
  if (const auto mode = ask<unsigned int>(functions_->persistence, device)) limits.persistence = *mode != 0;
  return limits;
}

GpuReading Nvml::read(unsigned int number) const {
  const auto device = static_cast<Device>(handles_.at(number));
  const Functions& f = *functions_;
  GpuReading reading;
  reading.clock_mhz = whole(ask<unsigned int>(f.clock, device, nvml::multiprocessor_clock));
  reading.memory_clock_mhz = whole(ask<unsigned int>(f.clock, device, nvml::memory_clock));
  reading.temperature_c = whole(ask<unsigned int>(f.temperature, device, nvml::temperature_of_chip));
  reading.power_w = scaled(ask<unsigned int>(f.power, device), 1e-3);
  reading.energy_j = scaled(ask<unsigned long long>(f.energy, device), 1e-3);
  reading.heat_s = seconds_of(ask<nvml::ViolationTime>(f.violation, device, nvml::thermal_policy));
  reading.board_limit_s = seconds_of(ask<nvml::ViolationTime>(f.violation, device, nvml::board_limit_policy));
  reading.power_cap_s = seconds_of(ask<nvml::ViolationTime>(f.violation, device, nvml::power_policy));
  if (const auto reasons = ask<unsigned long long>(f.throttle_reasons, device)) reading.throttling = *reasons;
  if (const auto memory = ask<nvml::Memory>(f.memory, device)) {
    reading.memory_used_bytes = static_cast<std::int64_t>(memory->used);
    reading.memory_bytes = static_cast<std::int64_t>(memory->total);
  }
  if (const auto busy = ask<nvml::Utilization>(f.utilization, device)) reading.busy_share = 0.01 * busy->gpu;
  return reading;
}

Result<std::vector<pid_t>> Nvml::computing_processes(unsigned int number) const {
  constexpr const char* what = "which processes are on the GPU";
  const auto device = static_cast<Device>(handles_.at(number));
  const auto list = functions_->computing_processes;
  if (list == nullptr) return tl::unexpected(not_told(what));
  return ask_list<nvml::ComputingProcess>(
             *functions_, what, [&](nvml::ComputingProcess* entries, unsigned int* count) { return list(device, count, entries); })
      .map([](const std::vector<nvml::ComputingProcess>& processes) {
        std::vector<pid_t> pids;
        for (const nvml::ComputingProcess& process : processes) pids.push_back(static_cast<pid_t>(process.pid));
        return pids;
      });
}

Result<std::vector<GpuProcessUse>> Nvml::process_use(unsigned int number, std::chrono::microseconds since) const {
  constexpr const char* what = "which processes use the GPU how much";
  const auto device = static_cast<Device>(handles_.at(number));
  const auto list = functions_->process_use;
  if (list == nullptr) return tl::unexpected(not_told(what));
  const auto since_us = static_cast<unsigned long long>(since.count());
  return ask_list<nvml::ProcessUse>(*functions_, what,
                                    [&](nvml::ProcessUse* entries, unsigned int* count) { return list(device, entries, count, since_us); })
      .map([](const std::vector<nvml::ProcessUse>& processes) {
        std::vector<GpuProcessUse> used;
        for (const nvml::ProcessUse& process : processes) used.push_back({static_cast<pid_t>(process.pid), 0.01 * process.kernels});
        return used;
      });
}

}  // namespace podium::machine
