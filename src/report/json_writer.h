#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "podium/results.h"

namespace podium::report {

/// Keys in the order of the schema, as a reader expects them.
using Json = nlohmann::ordered_json;

[[nodiscard]] Json encode_block(const Block& block);
/// With `missing`, without `blocks`.
[[nodiscard]] Json encode_cell(const Cell& cell);
/// Everything but the cells.
[[nodiscard]] Json encode_head(const Results& results);

/// One line; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string one_line(const Json& value);
/// Indented, but flat things (an interval, a block with its samples) on one line: a person can read it and it stays small.
[[nodiscard]] std::string pretty(const Json& value);

}  // namespace podium::report
