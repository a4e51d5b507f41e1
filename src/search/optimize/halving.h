#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "podium/optimize.h"
#include "podium/results.h"

namespace podium::search {

/// How the field is thinned out after a round (successive halving: Jamieson and Talwalkar 2016, Non-stochastic Best Arm Identification and
/// Hyperparameter Optimization). Halving alone would cast lots among equals, so whoever is within the noise of the leader stays.
struct HalvingRule {
  double lost = 1.25;          ///< from so many times the leader's figure on a candidate leaves, however few there are
  double within_noise = 1.06;  ///< up to so many times it a candidate stays, however many there are
  std::size_t fewest = 2;      ///< so many stay unless they are lost
};

/// By how many launches stand behind the figures. `is_stand_in`: latency is known and something else is wanted, so that little can be said
/// yet.
[[nodiscard]] HalvingRule halving_rule(std::int64_t launches, bool is_stand_in) noexcept;

/// What the candidates of a round are compared by: the goal's own figure where all of them have it, else their latency.
struct Standing {
  std::optional<double> times_the_best;  ///< 1 is the leader; nothing where the candidate cannot be compared
  std::string text;                      ///< "9.81 ms, 1.21 times the leader's 8.11 ms"
};
struct Standings {
  std::vector<Standing> of;  ///< in the order of the cells
  std::optional<std::size_t> leader;
  bool is_stand_in = false;
};
/// Latencies are compared by paired rounds. Cells that were not measured at the same time are compared over the baseline, which every round
/// holds though it may be no candidate itself, and over the fastest.
[[nodiscard]] Standings standings(Goal goal, const std::vector<const Cell*>& cells, const Cell* baseline);

struct Leaving {
  std::size_t index = 0;
  std::string reason;
};
/// Who leaves, the worst first.
[[nodiscard]] std::vector<Leaving> who_leaves(const Standings& standings, const HalvingRule& rule);

}  // namespace podium::search
