#pragma once

#include <optional>
#include <span>

#include "podium/results.h"

namespace podium::measure {

struct TailIntervals {
  Interval p90;
  Interval p99;
};

/// 95 % percentile intervals of p90 and p99 by a block bootstrap: blocks are drawn with replacement within each launch and stay whole,
/// since neighbouring samples of a block are no independent evidence (Künsch 1989; Efron and Tibshirani, An Introduction to the Bootstrap,
/// 1993, ch. 8 and 13). Launches are not drawn: a percentile bootstrap over three to five of them would cover far too seldom. The draws
/// come from a fixed seed, so equal blocks give equal intervals. Nothing where no launch has two scored blocks.
[[nodiscard]] std::optional<TailIntervals> tail_intervals(std::span<const Block> blocks);

}  // namespace podium::measure
