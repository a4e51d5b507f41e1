#include "machine/preflight.h"

#include <fmt/format.h>

#include <thread>

#include "machine/load_watch.h"
#include "machine/preflight_checks.h"

namespace podium::machine {

PreflightReport preflight(const std::filesystem::path& root, const PreflightRequest& request) {
  const std::vector<UsableCpu> usable = read_usable_cpus(root);
  LoadWatch watch(root);
  ForeignProcesses processes(root);
  watch.begin(0);
  std::this_thread::sleep_for(request.look);
  const BlockLoad load = watch.end();
  const std::vector<BusyProcess> busiest = processes.busiest_since_last_scan(request.look.count());
  const std::int64_t threads = request.threads > 0 ? request.threads : static_cast<std::int64_t>(usable.size());
  const GpuWatch* gpu = request.gpu ? &*request.gpu : nullptr;
  const CheckInput input{root, usable, threads, load, watch.cpus(), request.look.count(), busiest, gpu};
  PreflightReport report;
  for (const Check check : preflight_checks()) check(input, report);
  return report;
}

std::string to_warning(const Finding& finding) {
  return fmt::format("{}; {}.", finding.sentence, finding.remedy);
}

}  // namespace podium::machine
