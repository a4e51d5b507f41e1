#include "report/charts/pareto.h"

#include <algorithm>
#include <numeric>

namespace podium::report {

std::vector<std::size_t> pareto_front(std::span<const Trade> trades) {
  std::vector<std::size_t> order(trades.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return trades[a].cost != trades[b].cost ? trades[a].cost < trades[b].cost : trades[a].worth > trades[b].worth;
  });
  std::vector<std::size_t> front;
  for (const std::size_t one : order) {
    const bool is_first = front.empty();
    const bool better = is_first || trades[one].worth > trades[front.back()].worth;
    const bool equal = !is_first && trades[one].worth == trades[front.back()].worth && trades[one].cost == trades[front.back()].cost;
    if (better || equal) front.push_back(one);
  }
  return front;
}

}  // namespace podium::report
