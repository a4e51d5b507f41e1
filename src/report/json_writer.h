#pragma once

#include <string>

#include "core/json_values.h"
#include "podium/results.h"

namespace podium::report {

using codec::Json;

[[nodiscard]] Json encode_block(const Block& block);
[[nodiscard]] Json encode_block(const ThroughputBlock& block);
/// With `missing`, without `blocks` and `throughput_blocks`.
[[nodiscard]] Json encode_cell(const Cell& cell);
/// Everything but the cells.
[[nodiscard]] Json encode_head(const Results& results);

/// One line; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string one_line(const Json& value);
/// Indented, but flat things (an interval, a block with its samples) on one line: a person can read it and it stays small.
[[nodiscard]] std::string pretty(const Json& value);

}  // namespace podium::report
