#include <algorithm>
#include <cstddef>
#include <vector>

#include "measure/statistics.h"

namespace podium::measure {
namespace {

/// Call `k` of each block over the median of that block's later calls.
std::vector<double> slowdowns_of_call(std::span<const Block> blocks, std::size_t k) {
  std::vector<double> ratios;
  for (const Block& block : blocks) {
    if (block.set_aside || block.samples_ns.size() < k + 2) continue;
    const auto first_later = block.samples_ns.begin() + static_cast<std::ptrdiff_t>(k + 1);
    const double later = median({first_later, block.samples_ns.end()});
    if (later > 0.0) ratios.push_back(static_cast<double>(block.samples_ns[k]) / later);
  }
  return ratios;
}

}  // namespace

std::int64_t find_lead_in(std::span<const Block> blocks, double tolerance, std::int64_t limit) {
  for (std::int64_t k = 0; k < limit; ++k) {
    std::vector<double> slowdowns = slowdowns_of_call(blocks, static_cast<std::size_t>(k));
    // No block is long enough to tell: what is known so far has to do.
    if (slowdowns.empty() || median(std::move(slowdowns)) <= 1.0 + tolerance) return k;
  }
  return limit;
}

void split_lead_in(Block& block, std::int64_t lead_in) {
  if (block.samples_ns.empty() || lead_in <= 0) return;
  const auto most = static_cast<std::int64_t>(block.samples_ns.size()) - 1;
  const auto end = block.samples_ns.begin() + std::min(lead_in, most);
  block.lead_in_ns.insert(block.lead_in_ns.end(), block.samples_ns.begin(), end);
  block.samples_ns.erase(block.samples_ns.begin(), end);
}

}  // namespace podium::measure
