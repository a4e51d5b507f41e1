#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "podium/results.h"

/// What the blocks of a cell tell of its throughput. Nothing here reads a clock or starts anything.
namespace podium::search {

/// The launches with so many requests in flight.
struct ThroughputLaunches {
  std::int64_t all = 0;
  std::int64_t scored = 0;  ///< of which a block is left
  std::int64_t next = 0;    ///< the number of the one to come
};
[[nodiscard]] ThroughputLaunches throughput_launches(std::span<const ThroughputBlock> blocks, std::int64_t requests);

/// Whether one more launch is owed with so many requests: until enough have a block that is not set aside, and some more at most where
/// something disturbs them.
[[nodiscard]] bool owes_launch(std::span<const ThroughputBlock> blocks, std::int64_t requests);

/// Where fewer than two launches with so many requests are left of those that were measured, the machine was busy all the time: their
/// blocks are scored again, each with its evidence still beside it. Says whether they were.
bool score_disturbed_throughput(std::span<ThroughputBlock> blocks, std::int64_t requests);

/// Inputs a second of each launch with so many requests, over its blocks that are not set aside.
[[nodiscard]] std::vector<double> launch_rates(std::span<const ThroughputBlock> blocks, std::int64_t requests, std::int64_t batch);

/// The figure of a cell whose best number of requests was found.
[[nodiscard]] Throughput summarize_throughput(std::span<const ThroughputBlock> blocks, std::int64_t best, std::int64_t batch);

}  // namespace podium::search
