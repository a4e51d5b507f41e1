#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/comparison.h"
#include "podium/results.h"

/// When a cell has been measured enough. Nothing here reads a clock or starts anything, so every rule is tested with made-up blocks.
namespace podium::measure {

struct StoppingRule {
  double interval_target = 0.01;     ///< half width of the ratio to the leader at which a cell is done
  std::int64_t fewest_launches = 3;  ///< of every cell, unless the budget is over
  std::int64_t usual_launches = 5;   ///< from which on a cell that cannot win ends, unless it seems to differ from a neighbour
};

struct StopDecision {
  bool goes_on = true;
  std::string reason{};          ///< where it does not: a sentence for the results and the table
  bool is_out_of_reach = false;  ///< it ends for its distance, however few its launches
  double need = 0.0;             ///< how much the cell's interval would profit from one more launch; the larger goes first
};

/// A cell that takes this many times as long as the leader needs no second launch to lose. Launches of one cell stray by some percent, and
/// a slow one (emulated bf16, say) would cost more time than all others together.
inline constexpr double out_of_reach = 5.0;

/// Decides for every cell of a batch size after a launch. `live` says which are still being measured; the others get goes_on = false and
/// no reason. Measuring ends with the budget besides; that is the caller's to see.
///
/// The leader is the fastest live cell. A contender, whose ratio to it may still be within the margin at 95 %, goes on until its interval
/// is within the target (half of it before the usual number of launches), and would be were its deviation at its upper 90 % bound. A cell
/// out of reach ends with its first launch. Another beaten cell ends once it cannot win (over 1.05× the leader's time at 99 %, launches
/// taken to stray by 3 % at least) and is told apart from, or tied with, the cells next to it; at the usual number of launches unless it
/// seems 4 % from one of them and is not told apart from it, and at twice that number in any case. The leader goes on while any other does,
/// since all are paired with it.
[[nodiscard]] std::vector<StopDecision> decide(const std::vector<bool>& live, const Comparison& comparison, const StoppingRule& rule);

/// Of all cells when the budget is used, live or not: those that seem 4 % or more from another one and are not told apart from it, and the
/// fastest beside them; none where no pair is in doubt. Cells out of reach are not among them.
///
/// To be asked once: more launches for the pairs in doubt until they are told apart would tell equal cells apart sooner or later. So these
/// cells get a number of launches that is known beforehand, however they come out.
[[nodiscard]] std::vector<bool> in_doubt(const std::vector<bool>& eligible, const Comparison& comparison);

}  // namespace podium::measure
