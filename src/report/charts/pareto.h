#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace podium::report {

struct Trade {
  double cost = 0.0;   ///< less is better
  double worth = 0.0;  ///< more is better
};

/// Positions of those that no other beats in one without being worse in the other, by rising cost. Equals stay together.
[[nodiscard]] std::vector<std::size_t> pareto_front(std::span<const Trade> trades);

}  // namespace podium::report
