#include "search/throughput_blocks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "measure/warm_up.h"
#include "search/request_search.h"

namespace podium::search {

namespace {

/// The units of the interval. Each is a process of its own.
constexpr std::int64_t wanted_launches = 3;
/// Loads cost more than the measuring itself, so a disturbance is not waited for to end.
constexpr std::int64_t most_launches = 5;
constexpr std::int64_t fewest_launches = 2;

}  // namespace

ThroughputLaunches throughput_launches(std::span<const ThroughputBlock> blocks, std::int64_t requests) {
  std::set<std::int64_t> all;
  std::set<std::int64_t> scored;
  for (const ThroughputBlock& block : blocks) {
    if (block.requests != requests) continue;
    all.insert(block.launch);
    if (!block.set_aside) scored.insert(block.launch);
  }
  return {static_cast<std::int64_t>(all.size()), static_cast<std::int64_t>(scored.size()), all.empty() ? 0 : *all.rbegin() + 1};
}

bool owes_launch(std::span<const ThroughputBlock> blocks, std::int64_t requests) {
  const ThroughputLaunches launches = throughput_launches(blocks, requests);
  return launches.scored < wanted_launches && launches.all < most_launches;
}

bool score_disturbed_throughput(std::span<ThroughputBlock> blocks, std::int64_t requests) {
  const ThroughputLaunches launches = throughput_launches(blocks, requests);
  if (launches.scored >= std::min(fewest_launches, launches.all)) return false;
  for (ThroughputBlock& block : blocks) {
    if (block.requests == requests) block.set_aside = false;
  }
  return true;
}

std::vector<double> launch_rates(std::span<const ThroughputBlock> blocks, std::int64_t requests, std::int64_t batch) {
  struct Sum {
    double inputs = 0.0;
    double seconds = 0.0;
  };
  std::map<std::int64_t, Sum> sums;
  for (const ThroughputBlock& block : blocks) {
    if (block.requests != requests || block.set_aside) continue;
    Sum& sum = sums[block.launch];
    sum.inputs += static_cast<double>(block.calls * batch);
    sum.seconds += 1e-9 * static_cast<double>(block.elapsed_ns);
  }
  std::vector<double> rates;
  for (const auto& [launch, sum] : sums) {
    if (sum.seconds > 0.0) rates.push_back(sum.inputs / sum.seconds);
  }
  return rates;
}

Throughput summarize_throughput(std::span<const ThroughputBlock> blocks, std::int64_t best, std::int64_t batch) {
  const MeanRate of_best = mean_rate(launch_rates(blocks, best, batch));
  Throughput throughput{of_best.per_s, of_best.ci95, best, {}, 0};
  for (const ThroughputBlock& block : blocks) {
    if (block.set_aside) ++throughput.blocks_set_aside;
    if (block.requests == best && block.warm_up) measure::keep_worse(throughput.warm_up, *block.warm_up);
    const std::string requests = std::to_string(block.requests);
    if (throughput.tried.contains(requests)) continue;
    const std::vector<double> rates = launch_rates(blocks, block.requests, batch);
    if (!rates.empty()) throughput.tried[requests] = mean_rate(rates).per_s;
  }
  return throughput;
}

}  // namespace podium::search
