#include "measure/schedule.h"

#include <algorithm>
#include <utility>

namespace podium::measure {
namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

/// Fisher and Yates. std::shuffle would draw differently in every standard library, and a seed must give the same order everywhere.
/// The bias of the remainder is of the order of n / 2^64.
void shuffle(std::vector<std::size_t>& cells, std::mt19937_64& generator) {
  for (std::size_t i = cells.size(); i > 1; --i) std::swap(cells[i - 1], cells[generator() % i]);
}

}  // namespace

std::vector<std::size_t> RoundOrder::next(std::span<const std::size_t> live) {
  std::vector<std::size_t> order(live.begin(), live.end());
  if (order.empty()) return order;
  // Drawing again, rather than swapping the first away, keeps the remaining orders equally likely.
  do {
    shuffle(order, generator_);
  } while (order.size() > 1 && order.front() == last_);
  last_ = order.back();
  return order;
}

BlockPlan plan_block(std::chrono::nanoseconds estimated_iteration, std::int64_t lead_in, std::chrono::nanoseconds target) {
  const std::int64_t iteration_ns = std::max<std::int64_t>(estimated_iteration.count(), 1);
  const std::int64_t target_ns = std::max<std::int64_t>(target.count(), 1);
  BlockPlan plan;
  plan.iterations_per_sample = divide_up(shortest_sample.count(), iteration_ns);
  plan.lead_in_samples = divide_up(std::max<std::int64_t>(lead_in, 0), plan.iterations_per_sample);
  const std::int64_t sample_ns = plan.iterations_per_sample * iteration_ns;
  plan.minimum_samples = plan.lead_in_samples + fewest_scored_samples;
  // Twice what is expected: room for an estimate that was too slow.
  const std::int64_t room = std::clamp(2 * divide_up(target_ns, sample_ns), fewest_scored_samples, most_scored_samples);
  plan.maximum_samples = plan.lead_in_samples + room;
  plan.duration = std::chrono::nanoseconds(target_ns + plan.lead_in_samples * sample_ns);
  return plan;
}

LaunchPlan plan_launch(std::chrono::nanoseconds cell_budget, std::int64_t launches) {
  using namespace std::chrono_literals;
  constexpr std::chrono::nanoseconds usual_block = 250ms;
  const std::chrono::nanoseconds share = cell_budget / std::max<std::int64_t>(launches, 1);
  LaunchPlan plan;
  plan.rounds = std::clamp<std::int64_t>(share / usual_block, fewest_rounds, most_rounds);
  plan.block = std::clamp<std::chrono::nanoseconds>(share / plan.rounds, 20ms, 1s);
  return plan;
}

}  // namespace podium::measure
