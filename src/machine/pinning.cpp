#include "machine/pinning.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <system_error>

#include "machine/proc_files.h"

namespace podium::machine {

std::vector<UsableCpu> read_usable_cpus(const std::filesystem::path& root) {
  constexpr std::string_view key = "Cpus_allowed_list:";
  const std::string status = read_small_file(root / "proc/self/status").value_or("");
  const std::size_t at = status.find(key);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size();
  std::vector<UsableCpu> usable;
  for (const int cpu : parse_cpu_list(status.substr(begin, status.find('\n', begin) - begin))) {
    const std::filesystem::path topology = root / fmt::format("sys/devices/system/cpu/cpu{}/topology", cpu);
    const auto package = read_number(topology / "physical_package_id");
    const auto core = read_number(topology / "core_id");
    // Where the kernel does not tell, each CPU counts as a core of its own.
    usable.push_back({cpu, static_cast<int>(package.value_or(0)), static_cast<int>(core.value_or(cpu))});
  }
  return usable;
}

PinPlan pin_plan(const std::vector<UsableCpu>& usable, std::int64_t threads) {
  if (threads <= 0 || static_cast<std::int64_t>(usable.size()) <= threads) return {};
  std::map<std::pair<int, int>, int> taken_of_core;
  struct Place {
    int sibling, cpu;
  };
  std::vector<Place> places;
  for (const UsableCpu& cpu : usable) places.push_back({taken_of_core[{cpu.package, cpu.core}]++, cpu.cpu});
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.sibling < b.sibling; });
  PinPlan plan;
  for (const Place& place : places) {
    const bool is_workers = static_cast<std::int64_t>(plan.worker.size()) < threads;
    (is_workers ? plan.worker : plan.supervisor).push_back(place.cpu);
  }
  std::sort(plan.worker.begin(), plan.worker.end());
  std::sort(plan.supervisor.begin(), plan.supervisor.end());
  return plan;
}

std::string describe(const PinPlan& plan) {
  if (plan.worker.empty()) return "none: the engines' threads use every CPU, so there is none left for the supervisor";
  return fmt::format("workers on CPUs {}, supervisor on {}", cpu_list_text(plan.worker), cpu_list_text(plan.supervisor));
}

Result<void> apply_affinity(const std::vector<int>& cpus) {
  if (cpus.empty()) return {};
  const std::size_t count = static_cast<std::size_t>(std::max(0, *std::max_element(cpus.begin(), cpus.end()))) + 1;
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(count), [](cpu_set_t* mask) { CPU_FREE(mask); });
  const std::size_t size = CPU_ALLOC_SIZE(count);
  if (!set) return fail(ErrorCode::out_of_memory, "no memory for a CPU mask");
  CPU_ZERO_S(size, set.get());
  for (const int cpu : cpus) CPU_SET_S(static_cast<std::size_t>(cpu), size, set.get());
  if (::sched_setaffinity(0, size, set.get()) == 0) return {};
  return fail(ErrorCode::failed, fmt::format("cannot pin to CPUs {}: {}", cpu_list_text(cpus), std::generic_category().message(errno)),
              "give Podium CPUs that it may use ('taskset -c', 'docker run --cpuset-cpus')");
}

std::vector<int> current_affinity() {
  // The kernel's mask may be wider than cpu_set_t on large machines, so grow until it fits.
  for (std::size_t count = 1024; count <= (std::size_t{1} << 20); count *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(count), [](cpu_set_t* mask) { CPU_FREE(mask); });
    const std::size_t size = CPU_ALLOC_SIZE(count);
    if (!set || ::sched_getaffinity(0, size, set.get()) != 0) continue;
    std::vector<int> cpus;
    for (std::size_t cpu = 0; cpu < count; ++cpu) {
      if (CPU_ISSET_S(cpu, size, set.get())) cpus.push_back(static_cast<int>(cpu));
    }
    return cpus;
  }
  return {};
}

Result<void> AffinityScope::apply(const std::vector<int>& cpus) {
  if (cpus.empty() || !before_.empty()) return {};
  std::vector<int> before = current_affinity();
  auto done = apply_affinity(cpus);
  if (done) before_ = std::move(before);
  return done;
}

void AffinityScope::release() {
  // What could be set once can be set again, unless a CPU went away; then the narrower mask is as good as any.
  if (!before_.empty()) static_cast<void>(apply_affinity(before_));
  before_.clear();
}

}  // namespace podium::machine
