#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace podium::machine {

/// One CPU of the affinity mask, with the physical core that it is a hyper-thread of.
struct UsableCpu {
  int cpu = 0;
  int package = 0;
  int core = 0;
};

/// The CPUs that this process may run on. `root` stands before /proc and /sys, so that tests can show another machine.
[[nodiscard]] std::vector<UsableCpu> read_usable_cpus(const std::filesystem::path& root = "/");

/// Who runs where. Empty lists mean "not pinned": the mask stays as it is.
struct PinPlan {
  std::vector<int> worker;
  std::vector<int> supervisor;
};

/// Physical cores first, one hyper-thread of each; the supervisor on what is left. Where no CPU is left over, nobody is pinned.
[[nodiscard]] PinPlan pin_plan(const std::vector<UsableCpu>& usable, std::int64_t threads);
/// "workers on CPUs 0-3, supervisor on 4-7", for the results.
[[nodiscard]] std::string describe(const PinPlan& plan);
/// Pins the calling thread, and what it starts from now on. An empty list changes nothing.
[[nodiscard]] Result<void> apply_affinity(const std::vector<int>& cpus);
/// The CPUs that the calling thread may run on.
[[nodiscard]] std::vector<int> current_affinity();

/// Pins the calling thread until it is released or ends; must be used on one thread.
class AffinityScope {
 public:
  AffinityScope() = default;
  AffinityScope(const AffinityScope&) = delete;
  AffinityScope& operator=(const AffinityScope&) = delete;
  ~AffinityScope() { release(); }
  /// An empty list changes nothing; nor does a second call before release().
  [[nodiscard]] Result<void> apply(const std::vector<int>& cpus);
  void release();

 private:
  std::vector<int> before_;
};

}  // namespace podium::machine
